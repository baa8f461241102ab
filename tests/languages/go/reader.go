// Reads conversations through the generated clients, and writes each as it came out of there, one JSON object a line.
// The variables are those that `conversas sandbox` prints; the arguments are refs, such as zild:123.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"reader/superagentes"
	"reader/zild"
)

func main() {
	ofZild, ofSuperagentes := zildClient(), superagentesClient()
	out := json.NewEncoder(os.Stdout)
	for _, ref := range os.Args[1:] {
		var read any
		var response *http.Response
		var err error
		provider, id, _ := strings.Cut(ref, ":")
		if provider == "zild" {
			number, _ := strconv.ParseInt(id, 10, 32)
			read, response, err = ofZild.GetConversation(context.Background(), int32(number)).Execute()
		} else {
			read, response, err = ofSuperagentes.GetConversation(context.Background(), id).Execute()
		}
		line := map[string]any{"ref": ref, "read": read}
		if err != nil {
			if response == nil || response.StatusCode != 200 {
				log.Fatal(ref, ": ", err)
			}
			line = map[string]any{"ref": ref, "refused": err.Error()}
		}
		if err := out.Encode(line); err != nil {
			log.Fatal(ref, ": ", err)
		}
	}
}

func zildClient() *zild.ConversationsAPIService {
	settings := zild.NewConfiguration()
	settings.Servers = zild.ServerConfigurations{{URL: os.Getenv("ZILD_BASE_URL")}}
	settings.AddDefaultHeader("Authorization", "Bearer "+os.Getenv("ZILD_TOKEN"))
	return zild.NewAPIClient(settings).ConversationsAPI
}

func superagentesClient() *superagentes.ConversationsAPIService {
	settings := superagentes.NewConfiguration()
	settings.Servers = superagentes.ServerConfigurations{{URL: os.Getenv("SUPERAGENTES_BASE_URL")}}
	settings.AddDefaultHeader("Authorization", "Bearer "+os.Getenv("SUPERAGENTES_TOKEN"))
	return superagentes.NewAPIClient(settings).ConversationsAPI
}

import com.fasterxml.jackson.core.JsonGenerator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads conversations through the generated clients, and writes each as it came out of there, one JSON object a line.
 * The variables are those that `conversas sandbox` prints; the arguments are refs, such as zild:123.
 */
public class Reader {
    private static final zild.ApiClient ZILD = new zild.ApiClient();
    private static final superagentes.ApiClient SUPERAGENTES = new superagentes.ApiClient();

    public static void main(String[] refs) throws Exception {
        ZILD.updateBaseUri(System.getenv("ZILD_BASE_URL"));
        ZILD.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("ZILD_TOKEN")));
        SUPERAGENTES.updateBaseUri(System.getenv("SUPERAGENTES_BASE_URL"));
        SUPERAGENTES.setRequestInterceptor(
            request -> request.header("Authorization", "Bearer " + System.getenv("SUPERAGENTES_TOKEN")));
        for (String ref : refs) {
            System.out.println(line(ref, ref.substring(ref.indexOf(':') + 1)));
        }
    }

    private static String line(String ref, String id) throws Exception {
        Map<String, Object> line = new LinkedHashMap<>(Map.of("ref", ref));
        try {
            line.put("read", ref.startsWith("zild:")
                ? new zild.api.ConversationsApi(ZILD).getConversation(Integer.valueOf(id))
                : new superagentes.api.ConversationsApi(SUPERAGENTES).getConversation(id));
        } catch (zild.ApiException | superagentes.ApiException error) {
            if (!(error.getCause() instanceof com.fasterxml.jackson.core.JsonProcessingException)) {
                throw error;
            }
            line.put("refused", error.getMessage());
        }
        return ZILD.getObjectMapper().writer().with(JsonGenerator.Feature.ESCAPE_NON_ASCII).writeValueAsString(line);
    }
}

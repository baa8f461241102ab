"""What is said in Portuguese. All names are made up."""

from conversas.sandbox.dialogues.phrases import Language, Topic, script

TOPICS = (
    Topic(
        "Entrega",
        "Entrega atrasada",
        "{name} perguntou pelo pedido {order}, que estava atrasado. A entrega foi reprogramada para {day}.",
        """
C Meu pedido {order} ainda não chegou.
| Comprei na semana passada e até agora nada. O pedido é o {order}.
| Cadê meu pedido? Número {order}
A Sinto muito pelo atraso, {name}. Vou localizar o pedido {order} agora.
| Entendo a preocupação, {name}. Já estou consultando o pedido {order}.
A Ele está no centro de distribuição de {city} e houve um atraso na transportadora.
| Consta que saiu para entrega ontem, mas o entregador não encontrou ninguém no endereço.
C E quando chega, então? | Mas eu fiquei em casa o dia todo... Qual é a nova previsão?
A A nova previsão é {day}, até as {time}. | Reprogramei a entrega para {day}, no período até as {time}.
C Tá bom, mas preciso que chegue mesmo, é presente de aniversário. | Ok, vou aguardar então.
A Deixei o pedido como prioritário. O protocolo é {protocol}.
| Anotei a urgência no sistema, protocolo {protocol}. Você recebe um aviso quando sair para entrega.
""",
    ),
    Topic(
        "Segunda via",
        "Segunda via de boleto",
        "{name} pediu a segunda via do boleto de {amount} e a recebeu por e-mail, com vencimento em {day}.",
        """
C Preciso da segunda via do boleto.
| Não recebi o boleto deste mês, pode me mandar?
| Perdi o boleto, dá para gerar outro?
A Claro! Para confirmar o cadastro, quais são os três últimos dígitos do seu CPF?
| Posso sim. Me informe os três últimos dígitos do CPF do titular, por favor.
C {digits} | São {digits}
A Agradeço, {name}. Encontrei um boleto em aberto de {amount}. É esse?
| Localizei: boleto de {amount}, ainda em aberto. Confirma?
C Isso, esse mesmo. Consegue tirar os juros? | É esse. Venceu ontem, vem com multa?
A Gerei a nova via sem juros, com vencimento {day}. Enviei para o e-mail do cadastro.
| Fiz a emissão com vencimento {day}, sem multa. Já está no seu e-mail.
""",
    ),
    Topic(
        "Agendamento",
        "Agendamento de consulta",
        "{name} marcou uma consulta para {day}, às {time}, na unidade de {city}.",
        """
C Queria marcar uma consulta. | Bom, gostaria de agendar um horário para esta semana. | Tem horário com dermatologista?
A Temos sim. Prefere qual unidade e qual período do dia? | Claro. Em qual unidade e em que período fica melhor?
C {city}, de preferência à tarde. | Na de {city}. Pode ser qualquer horário depois do almoço.
A Tenho {day} às {time}. Posso reservar? | O primeiro horário livre é {day}, {time}. Serve?
C Pode sim. Precisa levar algum exame? | Perfeito, esse dá. Aceita meu convênio?
A Basta um documento com foto e a carteirinha do convênio.
| Aceitamos. Chegue uns 15 minutos antes, com documento e carteirinha.
A Agendado! {day}, {time}, unidade {city}. Código {protocol}.
| Prontinho, reserva {protocol} confirmada para {day}, {time}.
""",
    ),
    Topic(
        "Internet fora do ar",
        "Internet sem conexão",
        "{name} estava sem internet. Depois de reiniciar o modem e de um reparo na região de {city}, a conexão voltou.",
        """
C Estou sem internet desde ontem à noite.
| Minha internet caiu de novo, é a terceira vez esta semana!
| A internet aqui não funciona, a luz do modem está vermelha.
A Poxa, {name}, vamos resolver. As luzes do modem estão acesas? | Lamento o transtorno. Qual luz está piscando no modem?
C Só a de energia. A outra está vermelha. | Tem uma vermelha piscando, escrito LOS.
A Pode tirar da tomada, esperar 30 segundos e ligar de novo?
| Vamos reiniciar: desligue da tomada, conte até trinta e ligue outra vez.
C Fiz isso e continua igual. | Já fiz três vezes... nada.
A Vi aqui um rompimento de fibra em {city}. A equipe está no local, com previsão até as {time}.
| Há uma manutenção emergencial na região de {city}, deve normalizar até as {time}.
C E o desconto dos dias parados? | Trabalho de casa, isso me prejudica muito. Vou ter desconto na fatura?
A Sim, lancei um crédito de {amount} na próxima fatura. Protocolo {protocol}.
| O abatimento de {amount} entra automaticamente. Seu protocolo é {protocol}.
""",
    ),
    Topic(
        "Reembolso",
        "Pedido de reembolso",
        "{name} pediu o reembolso de {amount} pelo pedido {order}. O estorno foi aprovado.",
        """
C Quero meu dinheiro de volta, o produto veio com defeito. | Como faço para pedir reembolso do pedido {order}?
A Sinto muito por isso. Pode me dizer o que aconteceu com o pedido {order}?
| Vou ajudar, {name}. O que houve com o produto?
C Veio com a tela trincada. Tenho as fotos. | Não liga. Já testei em duas tomadas.
A Agradeço pelas informações. O valor de {amount} volta para o mesmo cartão.
| Entendi. O reembolso de {amount} foi aprovado no cartão usado na compra.
C Em quanto tempo? | E preciso devolver o produto?
A O crédito aparece em até duas faturas, e a coleta é grátis, {day}.
| A coleta fica para {day} e o estorno leva até dez dias úteis.
""",
    ),
    Topic(
        "Cancelamento",
        "Pedido cancelado sem aviso",
        "O pedido {order} de {name} foi cancelado por falta de estoque. A compra foi refeita com um cupom.",
        """
C Recebi um e-mail dizendo que meu pedido {order} foi cancelado. Por quê?
| Vocês cancelaram o pedido {order} sem me avisar!
A Vou verificar o motivo, {name}. | Peço desculpas, {name}. Vou olhar o que houve com o {order}.
A O item ficou sem estoque depois da sua compra, e o sistema cancelou.
| A operadora do cartão não autorizou a segunda tentativa de pagamento.
C Que absurdo, eu estava contando com ele. | E agora? O preço já subiu.
A Consigo manter o preço de {amount} e ainda incluir frete grátis. Quer refazer o pedido?
| Posso gerar um cupom para você comprar pelo mesmo valor, {amount}. Aceita?
C Aceito, pode fazer. | Quero sim, por favor.
A Feito! O novo pedido chega {day}. | Pronto, já está confirmado, com entrega {day}.
""",
    ),
    Topic(
        "Troca",
        "Troca de tamanho",
        "{name} trocou o tamanho de uma peça do pedido {order}. A etiqueta de postagem foi enviada.",
        """
C Comprei uma camisa e ficou pequena. Posso trocar? | O tênis do pedido {order} não serviu, quero um número maior.
A Pode sim, a primeira troca é grátis. Qual tamanho você precisa? | Sem problema! Para qual tamanho vamos trocar?
C Um G, na mesma cor. | Um número a mais, por favor.
A Temos em estoque. Enviei a etiqueta de postagem para o seu e-mail.
| Reservei para você. A etiqueta de devolução vai por e-mail em instantes.
C Posso postar em qualquer agência? | Até quando preciso enviar?
A Em qualquer agência dos correios, até {day}. | O prazo é {day}, em qualquer agência.
""",
    ),
    Topic(
        "Cobrança",
        "Cobrança em dobro",
        "{name} recebeu uma cobrança de {amount} em duplicidade. O estorno da segunda cobrança foi solicitado.",
        """
C Apareceram duas cobranças no meu cartão. | Tem duas cobranças de {amount} na minha fatura, mas só fiz uma compra.
A Vou conferir com o financeiro. As duas são do mesmo dia? | Entendo. Pode confirmar a data e o valor das duas?
C Sim, mesmo dia e mesmo valor, {amount}. | São iguais, {amount} cada uma.
A Confirmei: a segunda foi um erro de processamento. Já pedi o estorno.
| Houve mesmo uma duplicidade. O estorno está solicitado, protocolo {protocol}.
C Vai demorar? | E se não aparecer na fatura?
A Até {day} o valor estará disponível.
| Deve constar até {day}. Se não aparecer, é só chamar com o protocolo {protocol}.
""",
    ),
    Topic(
        "Acesso",
        "Senha esquecida",
        "{name} não conseguia entrar no aplicativo. A senha foi redefinida.",
        """
C Não consigo entrar no aplicativo, diz que a senha está errada.
| Esqueci minha senha e o link de recuperação não chega.
A Vamos recuperar. O e-mail do cadastro ainda é o mesmo? | Posso ajudar. Você ainda usa o e-mail que está no cadastro?
C Sim, é o mesmo. | Uso sim.
A Acabei de reenviar o link. Veja também a caixa de spam. | Enviei um novo link, que vale por 30 minutos. Chegou?
C Chegou! Estava no spam mesmo. | Agora sim, consegui trocar.
A Ótimo! Se aparecer outro erro, estou por aqui. | Que bom! Recomendo ativar a verificação em duas etapas.
""",
    ),
)

LANGUAGE = Language(
    code="pt-BR",
    first_names=(
        ("Ana", "Obrigada"),
        ("Rafael", "Obrigado"),
        ("Lívia", "Obrigada"),
        ("Otávio", "Obrigado"),
        ("Mariana", "Obrigada"),
        ("João Pedro", "Obrigado"),
        ("Cecília", "Obrigada"),
        ("Thiago", "Obrigado"),
        ("Beatriz", "Obrigada"),
        ("Caio", "Obrigado"),
        ("Renata", "Obrigada"),
        ("Antônio", "Obrigado"),
        ("Débora", "Obrigada"),
        ("Luís", "Obrigado"),
        ("Simone", "Obrigada"),
        ("Gustavo", "Obrigado"),
    ),
    last_names=(
        "Silva",
        "Souza",
        "Oliveira",
        "Araújo",
        "Gonçalves",
        "Pereira",
        "Lima",
        "Ribeiro",
        "Conceição",
        "Assunção",
        "Moreira",
        "Teixeira",
        "Brandão",
        "Falcão",
    ),
    agents=("Patrícia", "Marcelo", "Juliana", "Fábio", "Camila", "Rodrigo", "Aline", "Sérgio"),
    bots=("Aurora", "Zeca", "Bia", "Assistente Virtual"),
    companies=("Loja Aurora", "Conecta Fibra", "Clínica Vida Leve", "Casa & Cia", "Financeira Horizonte", "Moda Sul"),
    cities=("São Paulo", "Recife", "Curitiba", "Belém", "Goiânia", "Florianópolis", "Niterói", "Maceió"),
    days=("amanhã", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"),
    greetings=("Bom dia", "Boa tarde", "Boa noite"),
    amount="R$ {whole},{cents:02d}",
    topics=TOPICS,
    openings=(
        script("""
C {greeting}! | Oi, {lower_greeting} | Olá | Oi, tudo bem?
B {greeting}, {name}! Eu sou {bot}, da {company}. Como posso ajudar?
| Olá, {name}! Aqui é {bot}, da {company}. Em que posso ajudar hoje?
"""),
        script("""
B {greeting}! Você está falando com {bot}, da {company}. Como posso ajudar?
| Olá! Que bom ter você aqui na {company}. Sou {bot}. Qual é a sua dúvida?
"""),
    ),
    handover=script("""
B Certo. Vou transferir você para uma pessoa da nossa equipe. | Entendi. Um momento, vou chamar um atendente.
A {greeting}, {name}, aqui é {agent}. Li a conversa e vou continuar por aqui.
| Olá, {name}! Meu nome é {agent}, vou cuidar do seu caso.
"""),
    pauses=script("""
A Só um momento, por favor. | Um instante, estou consultando o sistema. | Já verifico para você.
"""),
    asides=tuple(
        script(pair)
        for pair in (
            "C Vocês atendem no sábado?\nA Sim, aos sábados das 9h às 13h.",
            "C Ainda está aí?\nA Estou sim! Desculpe a demora. | Sim, {name}, ainda estou verificando.",
            "C Pode mandar por e-mail também?\nA Claro, acabei de enviar para o e-mail do cadastro.",
            "C Qual é o protocolo mesmo?\nA O protocolo é {protocol}. | É o {protocol}.",
            "C Desculpe, caiu a conexão aqui.\nA Sem problema, {name}. Continuamos de onde paramos.",
            "C Dá para parcelar?\nA Dá sim, em até 10 vezes sem juros.",
            "C Entendi. | Ah, certo. | Hum, ok.\nA Ficou alguma dúvida sobre isso?",
            "C Mudei de endereço, isso muda alguma coisa?\nA Não muda. Já atualizei o endereço no cadastro.",
            "C Pode repetir, por favor?\nA Claro: está tudo registrado com o protocolo {protocol}.",
            "C Faz tempo que sou cliente, viu?\nA E agradecemos muito pela confiança, {name}!",
        )
    ),
    bridge=script("""
C Aproveitando, tenho outra dúvida. | Mais uma coisa. | Ah, e tem outro assunto.
A Claro, pode falar. | Pode dizer, {name}. | Sem problema, estou à disposição.
"""),
    closing=script("""
C {thanks}! | Perfeito, muito {lower_thanks}. | Era só isso, {lower_thanks}! | Valeu pela ajuda!
A Eu que agradeço. Tenha um ótimo dia! | Disponha, {name}! Até logo. | Por nada! A {company} agradece o contato.
"""),
    survey=script("""
S De 0 a 10, quanto você recomendaria a {company} a um amigo?
R {rating}
"""),
)

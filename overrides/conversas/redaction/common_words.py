"""Words that stand in place of a name, and names that are also words. All are in folded form."""

from conversas.redaction.word_set import words

PARTICLES = words(
    """
    da das de del della di do dos du e la las los van von y
    """
)
"""Words between the parts of a name."""

NEVER_NAMES = (
    words(
        """
    a agora ai ainda alguem algum alguma ali alo amanha anonima anonimo antes ao aos apos apenas aqui as assim
    ate atendente atendimento atraves bem boa boas bom bons bot cade cada cara caro casa chat cliente clientes
    com como comigo contato contatos contra cpf dado dados dela dele deles demais depois desconhecida
    desconhecido desde dia dias disso disponivel dono dona e eh ela elas ele eles em email empresa entao entre
    era essa esse essas esses esta estao estar estou eu favor fica ficou foi fora fui grupo ha hoje identificada
    identificado informada informado informar isso isto ja la lead leads lhe lo logo loja mais mas me mesma mesmo
    meu meus minha minhas muita muito na nada nao nas nem nenhum nenhuma ninguem no nome nos nossa nosso nova
    novas novo novos nova num numa numero o obrigada obrigado ola oi ok onde ontem os ou outra outras outro
    outros para pela pelas pelo pelos pessoa pessoal pode por porque pra pro protocolo quais qual qualquer quando
    quanto quase que quem registrada registrado responsavel sao se seja sem sempre senha senhor senhora ser sera
    seu seus sim sobre sob so somente sou sra sr sua suas suporte tal tambem tao te tel telefone tem tenho teste
    testes ti time toda todas todo todos tu tudo ultimo um uma umas uns usuaria usuario usuarios vai valor vamos
    vazio veio vem vendas vendedor vez visitante vem vi vim vou voce voces whatsapp zap n s admin administrador
    agente agent user users client customer contact guest unknown visitor test anonymous null none undefined name
    not available informacao cadastro cadastrada cadastrado fixo celular comercial recado financeiro the and or
    of for you your my me i we is are was it this that hello hi please thanks
    """
    )
    | PARTICLES
)
"""Words that are never a name, whether alone or at the start of a sentence."""

ALSO_WORDS = words(
    """
    abril agosto agua alegre alegria alma alta alto amada amado amarela amarelo amiga amigo amor anda anel ano anos
    ar areia arte aurora azul baixa baixo banco bandeira barata barra basta beira bela belo bento bispo bonita
    bonito branca branco brasil camara caminho campo campos canto carmo carneiro castanho castelo cavalheiro
    celeste certa certo chaves clara claro clemente coelho conta contas corte cristal cruz curto daria deus
    diamante dias doce domingo dourado duque esperanca esta estrela fe feira feita feito feliz ferro fiel filha
    filho fim flor flora flores fogo fonte fontes forte fortes franca franco frei galo gata gato gentil gloria
    graca gracas grande guerra guia hora horta ilha imperio inteira inteiro ira iris irma irmao janela jardim
    jasmim jesus joia julho julia junho junior justa justo lago lagoa leal leao leite li liberdade lima linda lindo
    lira livre lobo longo lua luz mae maia maio mal mar marca margarida mata matos may mel menina menino menor mesa
    mil mim moco moda monte monteiro morais morena moreno moura mundo natal neta neto noite nunca ouro pai paixao
    palma palmas passos patria paz pedra pedreira perola pilar pinho pinto ponte ponto porto posse pouco prado
    prata prazer preta preto primavera primo princesa principe prudente quadros ramo real rei reis rica rico rio
    rios rocha rodas roma rosa rosas roxo sacramento sal salvador santa santana santo santos sao serena sereno
    serra simples so sobra sobrinho sol sorte tarde tempo terra tia tio torre trigo turma uva vale valente vela
    velha velho vera verdade verde vi vida vila vinho violeta virgem vitoria viva viver volta
    """
)
"""Words that are names only if they are capitalized."""

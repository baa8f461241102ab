"""Names that a record holds, in its texts: in any spelling, whole or in part."""

import re

import pytest

from conversas import Agent, Contact, Conversation, Message, NamedValue, Participant
from conversas.redaction import Redactor

MARK = re.compile("[«»]")


def redact_text(text: str, *names: str) -> str:
    contacts = tuple(Contact(name=name) for name in names)
    conversation = Conversation(provider="zild", contacts=contacts, messages=(Message(text=text),))
    return Redactor()(conversation).conversation.messages[0].text or ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria Clara de Souza", "Olá, «Maria Clara de Souza»!"),
        ("Maria Clara de Souza", "oi «maria», tudo bem?"),
        ("Maria Clara de Souza", "«MARIA CLARA DE SOUZA»"),
        ("Maria Clara de Souza", "Sra. «Souza», bom dia"),
        ("Maria Clara de Souza", "«Souza, Maria»"),
        ("Maria Clara de Souza", "assinado: «m​aria clara»"),
        ("Maria Clara de Souza", "usuário «maria_souza» e «mariaclaradesouza»"),
        ("Débora Conceição", "«Debora», seu pedido chegou, «DEBORA CONCEICAO»."),
        ("Debora Conceicao", "«Débora Conceição»"),
        ("Débora", "«Débora» com acento separado"),
        ("JOÃO PEDRO", "Oi «joão», o «João Pedro» está?"),
        ("Ju ❤️", "Oi «Ju»! tudo bem, «ju»?"),
        ("Zé", "fala «Zé»"),
        ("Lu", "«Lu», você recebeu?"),
        ("Li", "Oi «Li». Já li tudo, eu li."),
        ("Rosa Lima", "«Rosa», a blusa rosa chegou; o limão e a lima não. «Lima» confirma."),
        ("Vitória", "«Vitória» na cidade; foi uma vitória!"),
        ("Flor Flores", "comprei flores para a «Flor»"),
        ("Não Informado", "Não recebi. O endereço não foi informado."),
        ("Cliente Novo", "Cliente novo? Não, o plano novo. Cliente Novo."),
        ("Sem Nome", "sem nome na nota"),
        ("Contato WhatsApp", "Contato pelo WhatsApp"),
        ("Deus é Fiel", "«Deus» é bom, e você é «Fiel»"),
        ("Maria do Carmo", "a dona «Maria do Carmo» e o carmo"),
        ("Ana", "banana e semana, Anatel; mas «Ana» e «ANA»"),
        ("Ana Paula", "«Ana-Paula»"),
        ("O'Neill", "Sr. «O'Neill» e «O\N{RIGHT SINGLE QUOTATION MARK}Neill»"),
        ("Jürgen Müller", "«Jurgen»? Não: «Jürgen Muller»"),
        ("王小明", "你好«王小明»先生"),
        ("Анна Каренина", "Здравствуйте, «Анна»!"),
        ("maria.silva", "«Maria Silva»"),
        ("Maria", "«Maria» e «Maria»"),
        ("", "nada"),
        ("   ", "nada"),
        ("123", "nada 123"),
        ("+55 11 98765-4321", "nada"),
        ("Sr. João", "Sr. «João», senhor"),
        ("da Silva", "o da direita é «Silva»"),
    ],
)
def test_a_contact_is_found_by_its_name_in_any_spelling(name: str, text: str) -> None:
    expected = re.sub("«[^»]*»", "[NAME]", text)
    assert redact_text(MARK.sub("", text), name) == expected


def test_names_of_those_who_answer_stay_unless_they_are_to_go() -> None:
    conversation = Conversation(
        provider="zild",
        agent=Agent(id="7", name="Patrícia Gomes"),
        participants=(Participant(id="7", name="Patrícia Gomes", kind="user"), Participant(name="Rui", kind="visitor")),
        messages=(Message(text="Aqui é Patrícia. Rui, tudo bem?"),),
    )
    kept, gone = (Redactor(agents=agents)(conversation).conversation for agents in (False, True))
    assert kept.agent
    assert gone.agent
    assert (kept.agent.id, kept.agent.name, gone.agent.id, gone.agent.name) == (
        "7", "Patrícia Gomes", "[ID]", "[NAME]",
    )  # fmt: skip
    assert [each.name for each in kept.participants] == ["Patrícia Gomes", "[NAME]"]
    assert [each.name for each in gone.participants] == ["[NAME]", "[NAME]"]
    assert [each.messages[0].text for each in (kept, gone)] == [
        "Aqui é Patrícia. [NAME], tudo bem?",
        "Aqui é [NAME]. [NAME], tudo bem?",
    ]


def test_names_in_variables_are_names_of_the_record() -> None:
    conversation = Conversation(
        provider="zild",
        variables=(
            NamedValue(name="nomeCliente", value="Joana Prado"),
            NamedValue(name="nome_do_plano", value="Turbo"),
        ),
        collected_data=(NamedValue(name="dados", value='{"titular": {"nome": "Caio", "idade": 30}}'),),
        messages=(Message(text="Joana, o plano Turbo do Caio"),),
    )
    redacted = Redactor()(conversation).conversation
    assert redacted.messages[0].text == "[NAME], o plano Turbo do [NAME]"
    assert [each.value for each in redacted.variables] == ["[NAME]", "Turbo"]
    assert redacted.collected_data[0].value == '{"titular": {"nome": "[NAME]", "idade": 30}}'

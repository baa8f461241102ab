"""A labelled set: dialogues of the sandbox, personal data as customers type it, and numbers that are not personal."""

import uuid
from collections.abc import Callable, Iterator
from random import Random

from attrs import frozen

from conversas import Contact, Conversation, Message
from conversas.redaction.checks import has_luhn_digit, is_cnpj, is_cpf
from conversas.sandbox.dialogues.generator import make_dialogue

STREETS = (
    "Rua das Flores",
    "Avenida Brasil",
    "Travessa São João",
    "Alameda Santos",
    "Praça da Sé",
    "R. Sete de Setembro",
)
DISTRICTS = ("Centro", "Jardim Paulista", "Vila Nova", "Boa Vista")
USERS, HOSTS = ("maria.souza", "joao_p", "ana-lima92", "contato"), ("gmail.com", "hotmail.com", "empresa.com.br")
AREAS = ("11", "21", "31", "41", "51", "61", "71", "81", "85", "92", "19", "48")
OTHERS = ("Wanda Tatuí", "Péricles Zanetti", "Iolanda Quintela")


def digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def checked(random: Random, start: str, is_valid: Callable[[str], bool], width: int) -> str:
    """Return a start with the check digits that make it valid."""
    ends = (f"{end:0{width}}" for end in range(10**width))
    return next(start + end for end in ends if is_valid(start + end))


def cpf(random: Random) -> str:
    d = checked(random, digits(random, 9), is_cpf, 2)
    dotted = f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"
    return random.choice([dotted, d, dotted.replace(".", " ").replace("-", " "), dotted.replace(".", "")])


def cnpj(random: Random) -> str:
    start = (
        "".join(random.choices("0123456789ABCDEFGHJKLMNPRSTVWXYZ", k=8)) if random.random() < 0.3 else digits(random, 8)
    )
    d = checked(random, f"{start}0001", is_cnpj, 2)
    return random.choice([f"{d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}", d])


def card(random: Random) -> str:
    d = checked(
        random, random.choice(["4", "51", "55", "2221"]).ljust(15, "7")[:8] + digits(random, 7), has_luhn_digit, 1
    )
    return random.choice(
        [d, " ".join(d[at : at + 4] for at in range(0, 16, 4)), f"{d[:4]}-{d[4:8]}-{d[8:12]}-{d[12:]}"]
    )


def phone(random: Random) -> str:
    area, end = random.choice(AREAS), digits(random, 4)
    mobile, landline = f"9{random.randint(6000, 9999)}", f"{random.randint(2100, 5999)}"
    forms = (
        "({0}) {1}-{3}", "{0} {1}-{3}", "{0}{1}{3}", "+55 {0} {1}-{3}", "+55{0}{1}{3}", "0{0} {1} {3}",
        "({0}) {2}-{3}", "{1}-{3}", "{0} {1} {3}", "{0}.{1}.{3}",
    )  # fmt: skip
    return random.choice(forms).format(area, mobile, landline, end)


def email(random: Random) -> str:
    user, host = random.choice(USERS), random.choice(HOSTS)
    spoken = f"{user} arroba {host.replace('.', ' ponto ')}"
    return random.choice([f"{user}@{host}", f"{user}@{host}".upper(), spoken, f"{user} @ {host}"])


def cep(random: Random) -> str:
    d = digits(random, 8)
    return random.choice([f"{d[:5]}-{d[5:]}", d])


def address(random: Random) -> str:
    start = f"{random.choice(STREETS)}, {random.randint(1, 2999)}"
    return random.choice([start, f"{start}, apto {random.randint(1, 99)}, {random.choice(DISTRICTS)}", start.lower()])


def rg(random: Random) -> str:
    d = digits(random, 8)
    return f"{d[:2]}.{d[2:5]}.{d[5:]}-{random.choice('0123456789X')}"


def birth_date(random: Random) -> str:
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1940, 2005)
    return random.choice([f"{day:02}/{month:02}/{year}", f"{day:02}-{month:02}-{year}", f"{day} de maio de {year}"])


def pix_key(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


KINDS: dict[str, tuple[tuple[str, ...], Callable[[Random], str]]] = {
    "CPF": (("Meu CPF é {}.", "{}", "cpf {} por favor", "é {} o meu cpf", "pix {}"), cpf),
    "CPF, mistyped, after a cue": (("meu cpf é {}", "CPF: {}"), lambda random: digits(random, 11)),
    "CNPJ": (("O CNPJ da empresa é {}.", "cnpj {}", "Pode emitir a nota para {}?"), cnpj),
    "card": (("O cartão é {}.", "Foi cobrado no cartão {} duas vezes", "{}"), card),
    "telephone": (("Meu telefone é {}.", "Pode me ligar no {}?", "{}", "Mudou, agora é {}, anota aí"), phone),
    "e-mail": (("Meu e-mail é {}.", "manda para: {}", "{}"), email),
    "CEP": (("Meu CEP é {}.", "cep {}"), cep),
    "PIX key": (("Minha chave pix é {}.", "a chave é {}"), pix_key),
    "RG, after a cue": (("Meu RG é {}.", "rg {}"), rg),
    "date of birth, after a cue": (("Nasci em {}.", "data de nascimento {}"), birth_date),
    "street address": (("Moro na {}.", "O endereço é {}", "Entrega na {}"), address),
    "name of another person": (
        ("O titular é {}.", "Pode entregar para {}, minha vizinha."),
        lambda r: r.choice(OTHERS),
    ),
}
NOT_PERSONAL: tuple[Callable[[Random], str], ...] = (
    lambda r: f"A linha digitável é {digits(r, 47)}.",
    lambda r: f"O código de rastreio é BR{digits(r, 9)}BR",
    lambda r: f"A chave da nota é {digits(r, 44)}",
    lambda r: f"O protocolo é {digits(r, 11)}.",
    lambda r: f"Pedido {digits(r, 8)}, ok?",
    lambda r: f"Paguei R$ {r.randint(1, 9)}.{digits(r, 3)},{digits(r, 2)} em 12 vezes",
    lambda r: f"Chega em {r.randint(1, 28):02}/{r.randint(1, 12):02}/2026, entre 8:00 e 12:30",
    lambda r: "Nosso telefone é 0800 722 1234.",
    lambda r: f"O modem é o AX-{digits(r, 4)}, IP 192.168.0.{r.randint(2, 254)}",
    lambda r: f"Número de série {digits(r, 14)}",
    lambda r: "Moro em Natal, perto da Rosa dos Ventos. Vitória é longe?",
    lambda r: f"Código de barras {digits(r, 13)}",
)


@frozen
class Labelled:
    """A text, and where it has personal data of which kind."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()


def labelled_conversations(count: int, seed: int = 1) -> Iterator[tuple[Conversation, list[Labelled]]]:
    """Yield conversations with labels of their messages."""
    random = Random(seed)
    for _ in range(count):
        dialogue = make_dialogue(random, messages=14, may_be_spoken=False)
        name = f"{dialogue.customer.first} {dialogue.customer.last}"
        texts = [_with_name(message.text, dialogue.customer.first) for message in dialogue.messages]
        texts += [_with_value(random, kind) for kind in random.sample([*KINDS], 4)]
        texts.append(Labelled(random.choice(NOT_PERSONAL)(random)))
        messages = tuple(Message(text=each.text) for each in texts)
        yield Conversation(provider="zild", contacts=(Contact(name=name),), messages=messages), texts


def _with_name(text: str, name: str) -> Labelled:
    at = text.find(name)
    return Labelled(text, ((at, at + len(name), "name of the customer"),) if at >= 0 else ())


def _with_value(random: Random, kind: str) -> Labelled:
    forms, make = KINDS[kind]
    before, _, after = random.choice(forms).partition("{}")
    value = make(random)
    return Labelled(f"{before}{value}{after}", ((len(before), len(before) + len(value), kind),))

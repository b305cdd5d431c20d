"""Makes the labelled papers of bench/filing, the same ones each time, from bench/filing-papers.txt."""

import dataclasses
import pathlib
import random
import re

HERE = pathlib.Path(__file__).resolve().parent
PLACES = {"en": ["Milford", "Ashby", "Port Rowan", "Eastleigh"], "de": ["Lindau", "Neustadt", "Ahrensburg", "Kaltenbach"]}
PEOPLE = {"en": ["Grace Holt", "Samuel Price", "Nadia Rahman", "Owen Clarke"], "de": ["Miriam Vogt", "Jonas Albers", "Ayşe Demir", "Karl Hinrichs"]}
MONTHS = {"en": ["January", "March", "June", "September", "November"], "de": ["Januar", "März", "Juni", "September", "November"]}
# Stands in letters of every kind.
COMMON = {
    "en": ["Our office is open from nine to five, Monday to Friday.", "This letter was made by machine and is valid without a signature.",
           "Please quote our reference in any reply.", "If you have moved, let us know your new address.", "You can reach us at 0800 555 0199.",
           "We process personal data as described on our website.", "Payment by card, transfer or direct debit.", "Registered office as above."],
    "de": ["Sie erreichen uns montags bis freitags von 8 bis 16 Uhr.", "Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.",
           "Bitte geben Sie bei Rückfragen unser Zeichen an.", "Teilen Sie uns bitte eine neue Anschrift mit.", "Telefon 0800 555 01 99.",
           "Hinweise zum Datenschutz finden Sie auf unserer Internetseite.", "Zahlbar per Überweisung oder Lastschrift.", "Bankverbindung siehe Fußzeile."],
}
GREETING = {"en": "Dear customer,", "de": "Sehr geehrte Damen und Herren,"}
CLOSING = {"en": "Yours sincerely", "de": "Mit freundlichen Grüßen"}


@dataclasses.dataclass
class Paper:
    id: int
    topic: str
    language: str
    text: str
    filename: str


def make(each, seed=1):
    """`each` papers of every topic in each language."""
    chance = random.Random(seed)
    kinds = read()
    papers = []
    for (topic, language), blocks in kinds.items():
        elsewhere = [block for (other, tongue), blocks in kinds.items() if other != topic and tongue == language for block in blocks]
        for n in range(each):
            text = letter(blocks[n % len(blocks)], elsewhere, language, chance)
            if chance.random() < 0.1:
                text = misread(text, chance)
            papers.append(Paper(len(papers), topic, language, text, f"scan_{chance.randrange(10**6):06}.pdf"))
    return papers


def read():
    """(topic, language) -> kinds of papers, each (senders, sentences)."""
    kinds = {}
    for block in (HERE / "filing-papers.txt").read_text().split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines and lines[0].startswith("== "):
            key = tuple(lines.pop(0)[3:].split())
            kinds[key] = []
        if lines:
            kinds[key].append(([sender.strip() for sender in lines[0].split(" | ")], lines[1:]))
    return kinds


def letter(kind, elsewhere, language, chance):
    senders, sentences = kind
    said = chance.sample(sentences, min(len(sentences), chance.choice([2, 2, 3, 3, 4])))
    if chance.random() < 0.3:  # Something in passing that belongs elsewhere.
        said.append(chance.choice(chance.choice(elsewhere)[1]))
    said += chance.sample(COMMON[language], 3)
    chance.shuffle(said)
    head = [chance.choice(senders), "{place}, {date}", "", "{person}", ""]
    if chance.random() < 0.15:  # The letterhead is a picture.
        head = head[1:]
    lines = [*head, GREETING[language], *said, CLOSING[language]]
    return "\n".join(fill(line, language, chance) for line in lines)


def fill(line, language, chance):
    line = chosen(line, chance)
    day = f"{chance.randrange(1, 29)}"
    month = chance.choice(MONTHS[language])
    year = str(chance.randrange(2019, 2026))
    amount = lambda: f"{chance.randrange(3, 4000)}.{chance.randrange(100):02}"
    values = {
        "date": lambda: f"{day} {month} {year}" if language == "en" else f"{day}. {month} {year}",
        "sum": lambda: f"£{amount()}" if language == "en" else amount().replace(".", ",") + " €",
        "number": lambda: "".join(chance.choice("0123456789ABCX") for _ in range(9)),
        "person": lambda: chance.choice(PEOPLE[language]),
        "place": lambda: chance.choice(PLACES[language]),
        "month": lambda: month,
        "year": lambda: year,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]](), line)


def chosen(line, chance):
    """Chooses among {a|b}, the innermost first."""
    while True:
        line, count = re.subn(r"\{([^{}|]*(?:\{\w+\}[^{}|]*)*(?:\|[^{}|]*(?:\{\w+\}[^{}|]*)*)+)\}", lambda found: chance.choice(found[1].split("|")), line)
        if not count:
            return line


def misread(text, chance):
    """As text recognition does it: some letters wrong, some words broken."""
    confused = {"l": "1", "e": "c", "rn": "m", "o": "0", "i": "l", "ü": "u", "ß": "B"}
    letters = []
    for letter in text:
        roll = chance.random()
        letters.append(confused.get(letter, letter) if roll < 0.08 else " " if roll > 0.995 else letter)
    return "".join(letters)

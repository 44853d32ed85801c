"""Fictional children for the measure of matching: a district, second reports, and strangers.

Nobody of these exists. First names are common ones, as lists of baby names have them; of the last
names half are common and half are put together from syllables; places, schools, numbers are made
up. What is hard in a real register is made on purpose: names follow Zipf's law, so many children
share both; brothers, sisters and twins share last name, address, phone and school; a part of the
first reports lacks the birth date, the address, the school.

The ways of erring below are written without the engine's own lists at hand: short names and
spellings of which the engine has no line are among them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from referrals.vocabulary.likeness import Likeness, likeness

TODAY = date(2026, 11, 1)

_BRITISH = (
    "Oliver George Harry Jack Jacob Noah Charlie Thomas Oscar William James Leo Alfie Henry Joshua"
    " Freddie Archie Ethan Isaac Alexander Joseph Edward Samuel Max Daniel Arthur Lucas Logan Theo"
    " Harrison Benjamin Mason Sebastian Finley Adam Dylan Zachary Riley Teddy Theodore David Toby"
    " Jake Louie Elijah Reuben Arlo Hugo Luca Jaxon Matthew Harvey Reggie Michael Harley Jude"
    " Albert Tommy Luke Stanley Jenson Frankie Jayden Gabriel Elliot Mohammed Ronnie Charles Louis"
    " Nathan Frederick Nathaniel Anthony Christopher Robert Patrick Connor Cameron Jamie Kyle"
    " Amelia Olivia Isla Emily Poppy Ava Isabella Jessica Lily Sophie Grace Sophia Mia Evie Ruby"
    " Ella Scarlett Isabelle Chloe Sienna Freya Phoebe Charlotte Daisy Alice Florence Eva Sofia"
    " Millie Lucy Evelyn Elsie Rosie Imogen Lola Matilda Elizabeth Layla Holly Lilly Molly Erin"
    " Ellie Maisie Abigail Eliza Georgia Esme Hannah Emma Bella Amber Zara Megan Summer Darcie"
    " Harriet Jasmine Eleanor Rebecca Victoria Katherine Alexandra Samantha Madeleine Zoe Niamh"
    " Caitlin Natalie Gabrielle Philippa Tiffany Courtney Bethany Paige Shannon Kayleigh Demi"
).split()
_SOUTH = (
    "Muhammad Ali Ibrahim Yusuf Ahmed Hassan Hussain Hamza Bilal Omar Zain Adeel Imran Usman Haroon"
    " Rayyan Musa Isa Abdullah Abdul Rahman Zakariya Ismail Mustafa Tariq Faisal Kamran Arjun Rohan"
    " Aarav Harpreet Gurpreet Jaspreet Fatima Aisha Maryam Zainab Khadija Amina Safa Hafsa Sumaiya"
    " Iqra Sana Noor Aaliyah Inaya Hiba Zahra Ayaan Ruqayyah Priya Ananya Simran Kiran Nadia Saima"
    " Shabana Yasmin Layla Halima Asma Rabia Mahnoor Anisa Samira Hodan Ayan Abdi Mohamud"
).split()
_EAST = (
    "Jakub Kacper Oleksandr Dmytro Ivan Mateusz Szymon Piotr Pawel Krzysztof Tomasz Andrei Mihai"
    " Stefan Vlad Bogdan Maksym Artem Nikola Lukasz Zuzanna Julia Maja Oliwia Katarzyna Agnieszka"
    " Anastasia Daria Sofiya Kateryna Ioana Elena Andreea Gabriela Viktoriya Yulia Olena Zofia"
).split()
_BRITISH_FAMILY = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker"
    " White Roberts Green Hall Wood Jackson Clarke Clark Harris Lewis Cooper Martin Turner Hill"
    " Ward Moore Morris King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker"
    " Price Bennett Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw"
    " Murphy Miller Cox Marshall Simpson Anderson Ellis Adams Foster Mason Rogers Chapman Palmer"
    " Hunt Powell Stevens Lloyd Holmes Gibson Fisher Barnes Knight Matthews O'Brien O'Neill"
    " McDonald MacKenzie Campbell Stewart Reid Murray Graham Ryan Byrne Walsh Fletcher Atkinson"
    " Pearson Whitehead Thomson Robson Dixon Hughes Edwards Pearce Hudson Brooks Barker Dawson"
).split()
_SOUTH_FAMILY = (
    "Khan Ahmed Ali Hussain Begum Patel Singh Kaur Akhtar Malik Mahmood Iqbal Shah Hassan Rahman"
    " Chowdhury Choudhry Mirza Bibi Miah Islam Sheikh Qureshi Butt Raja Aslam Sharif Uddin Yousaf"
    " Mohamed Abdi Omar Warsame Farah Sharma Gill Sandhu Chaudhary Siddiqui Ansari Rashid Hamid"
).split()
_EAST_FAMILY = (
    "Kowalski Nowak Wisniewski Wojcik Kaminski Lewandowski Zielinski Szymanski Popescu Ionescu"
    " Popa Kovalenko Shevchenko Bondarenko Tkachenko Melnyk Ivanov Petrov Horvat Novak Dvorak"
    " Kucera Balogh Nagy Jankauskas Kazlauskas Ozols Berzins"
).split()
_FRONT = (
    "Ash Alder Barn Beck Birch Black Brad Brook Burn Cald Carl Chat Clay Cold Cran Dal Den Dray Elm"
    " Fair Farn Fen Gold Grims Hald Harg Haw Hazel Hol Ing Kel Kirk Lang Lark Lin Lock Mar Mel Mid"
    " Nor Oak Pem Pres Rad Raw Red Sed Shel Skel Stan Stock Sut Thorn Wal Wen Whit Win Wool Yar"
).split()
_BACK = (
    "ton ley worth ham ford field bury combe wick by thwaite shaw wood croft more stead gate hurst"
    " well burn dale den cote land ridge mere bourne stone grave low"
).split()

_SHORT = {
    "Oliver": "Ollie Olly", "Jacob": "Jake", "Charlie": "Charles", "Thomas": "Tom Tommy",
    "William": "Will Bill Billy", "James": "Jim Jamie Jimmy", "Alfie": "Alfred", "Henry": "Harry",
    "Joshua": "Josh", "Freddie": "Fred Frederick", "Alexander": "Alex Sandy Xander Sasha",
    "Joseph": "Joe Joey", "Edward": "Ed Eddie Ted", "Samuel": "Sam Sammy", "Daniel": "Dan Danny",
    "Harrison": "Harry", "Benjamin": "Ben Benji", "Sebastian": "Seb", "Zachary": "Zac Zack",
    "Theodore": "Theo Teddy", "Matthew": "Matt Matty", "Michael": "Mike Mikey Mick", "Max": "Maxwell",
    "Frankie": "Frank Francis", "Nathaniel": "Nathan Nate", "Anthony": "Tony Ant", "Robert": "Rob Bob Bobby",
    "Christopher": "Chris Kit Topher", "Patrick": "Paddy Pat", "Connor": "Con", "Cameron": "Cam",
    "Amelia": "Millie Amy", "Olivia": "Liv Livvy", "Emily": "Em Emmy", "Isabella": "Bella Izzy",
    "Jessica": "Jess Jessie", "Isabelle": "Izzy Belle", "Charlotte": "Lottie Charlie", "Alice": "Ali",
    "Florence": "Flo Flossie", "Evelyn": "Evie Eve", "Imogen": "Immy", "Matilda": "Tilly Mattie",
    "Elizabeth": "Liz Beth Lizzie Betsy", "Abigail": "Abi Abby", "Eliza": "Liza", "Megan": "Meg",
    "Harriet": "Hattie", "Jasmine": "Jaz Jas", "Eleanor": "Ellie Nell Nora", "Rebecca": "Becky Bex",
    "Victoria": "Vicky Tori", "Katherine": "Kate Katie Kathy", "Alexandra": "Alex Lexi Sandra",
    "Samantha": "Sam", "Madeleine": "Maddie", "Natalie": "Nat", "Gabrielle": "Gabby Ellie",
    "Philippa": "Pippa", "Tiffany": "Tiff", "Courtney": "Court", "Bethany": "Beth", "Shannon": "Shan Shaz",
    "Kayleigh": "Kay", "Phoebe": "Pheebs", "Georgia": "Georgie Gia", "Caitlin": "Cait", "Gabriel": "Gabe",
    "Muhammad": "Mo", "Mohammed": "Mo", "Abdul": "Abs", "Ibrahim": "Ibby", "Harpreet": "Harry",
    "Gurpreet": "Guri", "Jaspreet": "Jas", "Khadija": "Dija", "Fatima": "Fati Fatty", "Imran": "Immy",
    "Katarzyna": "Kasia", "Agnieszka": "Aga", "Krzysztof": "Krzys Chris", "Tomasz": "Tomek",
    "Oleksandr": "Sasha", "Anastasia": "Nastya", "Kateryna": "Katya", "Gabriela": "Gabi",
    "Zuzanna": "Zuza Zuzia", "Dmytro": "Dima", "Yulia": "Yulka", "Elena": "Lena", "Jakub": "Kuba",
}  # fmt: skip
_SPELT = {
    "Mohammed": "Mohamed Mohammad Muhammed Muhamad Mohamad", "Muhammad": "Mohammed Mohamed Mohamad Muhammed",
    "Yusuf": "Yousuf Yousef Yusef Youssef Jusuf", "Ahmed": "Ahmad Achmed Ahmet", "Hassan": "Hasan Hasaan",
    "Hussain": "Hussein Husain Hossain Hussayn", "Hamza": "Hamzah Humza", "Bilal": "Belal Bilaal",
    "Omar": "Umar Omer Umer", "Zain": "Zayn Zane Zayne", "Adeel": "Adil", "Usman": "Osman Uthman Ousman",
    "Haroon": "Harun Haroun", "Abdullah": "Abdallah Abdulla", "Zakariya": "Zakaria Zakariyya",
    "Ismail": "Ismaeel Esmail Ismael", "Mustafa": "Moustafa Mostafa", "Fatima": "Fatimah Fatema Faatima",
    "Aisha": "Ayesha Aishah Aysha Aicha", "Maryam": "Mariam Miriam Maryum", "Zainab": "Zaynab Zeinab Zainub",
    "Khadija": "Khadijah Kadija Hadija", "Amina": "Aminah Ameena", "Aaliyah": "Aliyah Alia Aliya",
    "Zahra": "Zara Zahraa", "Ruqayyah": "Rukaya Ruqaya", "Yasmin": "Yasmeen Jasmin Yasmine",
    "Layla": "Leyla Laila Leila", "Sumaiya": "Sumayya Sumaya", "Rahman": "Rehman Rahmaan",
    "Oleksandr": "Aleksandr Olexandr Alexander", "Dmytro": "Dmitry Dmitri Dimitri",
    "Kateryna": "Katerina Ekaterina Katarina", "Sofiya": "Sofia Sophia Sofija", "Yulia": "Julia Iulia Yuliya",
    "Viktoriya": "Victoria Viktoria Wiktoria", "Maksym": "Maxim Maksim", "Andrei": "Andrey Andrej",
    "Jakub": "Yakub Jacob", "Olena": "Elena Helena", "Artem": "Artyom Artiom", "Stefan": "Stephan Stephen",
    "Chowdhury": "Choudhury Chaudhury Choudhry Chowdhry", "Choudhry": "Chaudhry Chowdhury Choudhary",
    "Chaudhary": "Choudhary Chaudhry", "Khan": "Kahn Chan Khaan", "Begum": "Begam Begom", "Akhtar": "Akhter Aktar",
    "Mahmood": "Mahmoud Mehmood Mahmud", "Iqbal": "Eqbal Ikbal", "Sheikh": "Shaikh Shaik Sheik",
    "Qureshi": "Quraishi Koreshi Qureshy", "Uddin": "Udin Oddin", "Yousaf": "Yusuf Yousuf", "Siddiqui": "Siddiqi Sidiki",
    "Mohamed": "Mohammed Mohamud Muhammad", "Miah": "Mia Miya", "Rashid": "Rasheed Rachid", "Kaur": "Kour",
    "Kowalski": "Kovalsky Kowalsky", "Wisniewski": "Vishnevsky Wisnievski", "Wojcik": "Woycik Voychik",
    "Shevchenko": "Schewtschenko Chevtchenko", "Kovalenko": "Kowalenko Covalenco", "Tkachenko": "Tkatchenko",
    "Melnyk": "Melnik", "Ivanov": "Iwanow Ivanoff", "Petrov": "Petroff Petrow", "Popescu": "Popesku",
    "Ionescu": "Jonescu Yonescu", "Novak": "Nowak", "Dvorak": "Dvorzak Dworak", "Horvat": "Horvath",
    "Sophia": "Sofia Sofija", "Isabelle": "Isabel Izabel", "Zoe": "Zoey Zoë", "Niamh": "Neve Neave",
    "Caitlin": "Kaitlyn Katelyn Catelyn", "Jaxon": "Jackson Jaxson", "Elliot": "Elliott Eliot",
    "Finley": "Finlay Findlay", "Louie": "Louis Lewis", "Aaron": "Arron", "Kayleigh": "Kayley Kaylee Keighley",
    "Katherine": "Catherine Kathryn Katharine", "Rebecca": "Rebekah Rebeka", "Natalie": "Nathalie Nataly",
    "Darcie": "Darcey Darcy", "Esme": "Esmée Esmay", "Lilly": "Lily Lillie", "Harriet": "Harriett Harriot",
    "Clarke": "Clark", "Clark": "Clarke", "Thompson": "Thomson Tompson", "Thomson": "Thompson",
    "O'Brien": "OBrien O’Brien Obrian", "O'Neill": "ONeil O’Neil", "McDonald": "MacDonald Macdonald",
    "MacKenzie": "McKenzie Mackenzie", "Stewart": "Stuart", "Reid": "Reed Read", "Davies": "Davis Daviss",
    "Phillips": "Philips Phillipps", "Matthews": "Mathews", "Griffiths": "Griffith Griffths", "Stevens": "Stephens",
    "Byrne": "Burn Beirne", "Walsh": "Welsh Walshe", "Shah": "Schah Syah", "Hughes": "Hewes", "Bailey": "Bayley Baillie",
}  # fmt: skip

_NEAR = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "sqwz vghn xvdf serfcx wsdr drtgvc ftyhbv gyujnb ujko huikmn jiolm kop njk bhjm iklp ol wa"
        " edft awedxz rfgy yhji cfgb qase zsdc tghu asx".split(),
        strict=True,
    )
)


@dataclass(frozen=True)
class Report:
    """One report of a child, in the words that somebody typed. `child` says of whom it is."""

    child: int
    given: str
    family: str
    known_as: str
    born: date | None
    age: int | None
    door: str
    postcode: str
    school: str
    phone: str
    nhs_number: str = ""
    upn: str = ""
    errs: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return ", ".join(filter(None, (self.door, "Exampleton" if self.door else "", self.postcode)))

    def answers(self) -> dict[str, list[str]]:
        """The answers as a referral has them."""
        contact = f"Ring the mobile {self.phone}, not after six." if self.phone else ""
        said = {
            "nhs_number": self.nhs_number,
            "upn": self.upn,
            "address": self.address,
            "school": self.school,
            "safe_contact": contact,
        }
        return {key: [words] for key, words in said.items() if words}

    def likeness(self) -> Likeness:
        return likeness(
            given_name=self.given,
            family_name=self.family,
            known_as=self.known_as,
            born=self.born,
            born_about=TODAY.year - self.age if self.age else None,
            answers=self.answers(),
        )

    def line(self) -> str:
        """The line that brute force compares: name, birth date, postcode."""
        born = f"{self.born:%Y-%m-%d}" if self.born else ""
        return " ".join(filter(None, (self.given, self.family, born, self.postcode))).lower()


class District:
    """A district of fictional children, always the same for a seed."""

    def __init__(self, seed: int, children: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - fiction, not secrets
        self._number = 0
        self._invented = [front + back for front in _FRONT for back in _BACK]
        self.chance.shuffle(self._invented)
        self._streets = [f"{front}{back}" for front in _FRONT for back in _BACK]
        self._schools = [
            f"{front}{self.chance.choice(_BACK)} {kind}"
            for front in _FRONT
            for kind in ("Primary School", "Academy")
        ][: max(4, children // 500)]
        self._households = 0
        self._twin: Report | None = None
        self.reports = self._people(children)

    def _people(self, children: int) -> list[Report]:
        found: list[Report] = []
        while len(found) < children:
            found.extend(self._household()[: children - len(found)])
        return found

    def _household(self) -> list[Report]:
        """One to four children at one address, now and then twins."""
        chance, people = self.chance, chance_of(self.chance, (0.68, _BRITISH, _BRITISH_FAMILY), (0.24, _SOUTH, _SOUTH_FAMILY), (0.08, _EAST, _EAST_FAMILY))
        given_names, families = people
        invented = given_names is _BRITISH and chance.random() < 0.55
        family = chance.choice(self._invented) if invented else zipf(chance, families)
        if given_names is _BRITISH and chance.random() < 0.12:
            family = f"{family}-{zipf(chance, families)}"
        self._households += 1
        where = self._where()
        phone = f"07700 {900_000 + self._households % 100_000:06}" if chance.random() < 0.5 else ""
        born: date | None = None
        found: list[Report] = []
        for _ in range(chance.choices((1, 2, 3, 4), (45, 35, 15, 5))[0]):
            twin = born is not None and chance.random() < 0.03
            born = born if twin else date(2008, 11, 1) + timedelta(days=chance.randrange(16 * 365))
            given = zipf(chance, given_names)
            while given in {each.given.split()[0] for each in found}:
                given = chance.choice(given_names)
            found.append(self._first_report(given, family, born, where, phone))
        return found

    def _where(self) -> tuple[str, str, str]:
        """House and street, postcode, and the school that is near."""
        chance = self.chance
        unit = chance.randrange(4_000)
        street = self._streets[unit % len(self._streets)]
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        code = f"{letters[unit // 20 % 20]}{letters[unit % 20]}"
        kind = ("Road", "Street", "Lane", "Close")[unit % 4]
        postcode = f"EX{20 + unit // 400} {unit % 9 + 1}{code}"
        return f"{chance.randrange(1, 80)} {street} {kind}", postcode, chance.choice(self._schools)

    def _first_report(self, given: str, family: str, born: date, where: tuple[str, str, str], phone: str) -> Report:
        chance = self.chance
        self._number += 1
        if chance.random() < 0.12:
            given = f"{given} {zipf(chance, _BRITISH)}"
        known_as = ""
        if chance.random() < 0.08 and given in _SHORT:
            known_as = chance.choice(_SHORT[given].split())
        dated = chance.random() < 0.96
        return Report(
            child=self._number,
            given=given,
            family=family,
            known_as=known_as,
            born=born if dated else None,
            age=None if dated else (TODAY - born).days // 365,
            door=where[0] if chance.random() < 0.92 else "",
            postcode=where[1] if chance.random() < 0.92 else "",
            school=where[2] if chance.random() < 0.85 else "",
            phone=phone,
            nhs_number=_nhs(chance) if chance.random() < 0.2 else "",
            upn=_upn(chance) if chance.random() < 0.2 else "",
        )

    def again(self, count: int) -> list[Report]:
        """Second reports of `count` children, each with one to three things wrong or missing."""
        return [self._err(each) for each in self.chance.sample(self.reports, count)]

    def strangers(self, count: int) -> list[Report]:
        """Children who were never reported. One in ten has a brother or a sister who was."""
        chance, found = self.chance, []
        while len(found) < count:
            stranger = self._household()[0]
            if chance.random() < 0.1:
                known = chance.choice(self.reports)
                stranger = replace(
                    stranger,
                    family=known.family,
                    door=known.door,
                    postcode=known.postcode,
                    phone=known.phone,
                )
                if stranger.given.split()[0] == known.given.split()[0]:
                    continue
            found.append(stranger)
        return found

    def _err(self, first: Report) -> Report:
        """Another agency reports the same child: it has other numbers at hand, and it errs."""
        chance = self.chance
        second = replace(
            first,
            known_as=first.known_as if chance.random() < 0.3 else "",
            phone=first.phone if chance.random() < 0.6 else "",
            nhs_number=first.nhs_number if chance.random() < 0.5 else "",
            upn=first.upn if chance.random() < 0.5 else "",
            school=first.school if chance.random() < 0.85 else "",
        )
        if chance.random() < 0.08:
            # They have moved house since.
            door, postcode, _ = self._where()
            second = replace(second, door=door, postcode=postcode, errs=(*second.errs, "moved"))
        wanted = chance.choices((1, 2, 3), (60, 30, 10))[0]
        for name in chance.sample(tuple(ERRORS), len(ERRORS)):
            if wanted == 0:
                break
            erring = ERRORS[name](chance, second)
            if erring is not None and erring != second:
                second, wanted = replace(erring, errs=(*second.errs, name)), wanted - 1
        return second


def chance_of(chance: random.Random, *kinds: tuple[float, list[str], list[str]]) -> tuple[list[str], list[str]]:
    _, given, family = chance.choices(kinds, [kind[0] for kind in kinds])[0]
    return given, family


_WEIGHTS: dict[int, list[float]] = {}


def zipf(chance: random.Random, names: list[str]) -> str:
    """One of the names: the first the most often, as in Zipf's law."""
    if len(names) not in _WEIGHTS:
        _WEIGHTS[len(names)] = list(accumulate(1 / (rank + 8) for rank in range(len(names))))
    return chance.choices(names, cum_weights=_WEIGHTS[len(names)])[0]


def _nhs(chance: random.Random) -> str:
    """A number with a right check digit, in the range that is kept for tests (999)."""
    while True:
        body = f"999{chance.randrange(10**6):06}"
        check = (11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _upn(chance: random.Random) -> str:
    return f"{chance.choice('ABCDEFGH')}{chance.randrange(10**11):011}{chance.choice('0123456789')}"


# --- The ways of erring: each returns the report with one thing wrong, or None where it cannot ----


def typo(chance: random.Random, name: str) -> str:
    """The name with one slip of the fingers: a letter left out, doubled, swapped, or its neighbour."""
    at = chance.randrange(len(name))
    kind = chance.choice(("left out", "twice", "swapped", "neighbour"))
    if kind == "left out" and len(name) > 3:
        return name[:at] + name[at + 1 :]
    if kind == "swapped" and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == "neighbour" and name[at].lower() in _NEAR:
        return name[:at] + chance.choice(_NEAR[name[at].lower()]) + name[at + 1 :]
    return name[:at] + name[at] + name[at:]


def _typo_given(chance: random.Random, report: Report) -> Report | None:
    return replace(report, given=typo(chance, report.given)) if report.given else None


def _typo_family(chance: random.Random, report: Report) -> Report | None:
    return replace(report, family=typo(chance, report.family)) if report.family else None


def _day_and_month(chance: random.Random, report: Report) -> Report | None:
    born = report.born
    if born is None or born.day > 12 or born.day == born.month:
        return None
    return replace(report, born=born.replace(day=born.month, month=born.day))


def _year(chance: random.Random, report: Report) -> Report | None:
    if report.born is None or (report.born.month, report.born.day) == (2, 29):
        return None
    return replace(report, born=report.born.replace(year=report.born.year + chance.choice((-1, 1))))


def _short(chance: random.Random, report: Report) -> Report | None:
    first, *more = report.given.split() or [""]
    if first not in _SHORT:
        return None
    return replace(report, given=" ".join((chance.choice(_SHORT[first].split()), *more)))


def _half(chance: random.Random, report: Report) -> Report | None:
    if "-" not in report.family:
        return None
    return replace(report, family=chance.choice(report.family.split("-")))


def _doubled(chance: random.Random, report: Report) -> Report | None:
    if "-" in report.family or not report.family or chance.random() < 0.7:
        return None
    both = [report.family, zipf(chance, _BRITISH_FAMILY)]
    chance.shuffle(both)
    return replace(report, family=chance.choice("- ").join(both))


def _swapped(chance: random.Random, report: Report) -> Report | None:
    return replace(report, given=report.family, family=report.given)


def _spelt(chance: random.Random, report: Report) -> Report | None:
    first, *more = report.given.split() or [""]
    ways = [each for each in ("given", "family") if (first if each == "given" else report.family) in _SPELT]
    if not ways:
        return None
    if chance.choice(ways) == "given":
        return replace(report, given=" ".join((chance.choice(_SPELT[first].split()), *more)))
    return replace(report, family=chance.choice(_SPELT[report.family].split()))


def _missing(chance: random.Random, report: Report) -> Report | None:
    kind = chance.choice(("born", "born", "address", "postcode", "school", "family"))
    if kind == "born" and report.born:
        age = (TODAY - report.born).days // 365 + chance.choice((-1, 0, 0, 0, 1))
        return replace(report, born=None, age=age if chance.random() < 0.8 else None)
    if kind == "address":
        return replace(report, door="", postcode="")
    if kind == "family" and report.born:
        return replace(report, family="")
    return replace(report, postcode="") if kind == "postcode" else replace(report, school="")


ERRORS: dict[str, Callable[[random.Random, Report], Report | None]] = {
    "typo in the first name": _typo_given,
    "typo in the last name": _typo_family,
    "day and month swapped": _day_and_month,
    "year off by one": _year,
    "nickname": _short,
    "half of a double last name": _half,
    "a second last name": _doubled,
    "names swapped": _swapped,
    "other spelling": _spelt,
    "something missing": _missing,
}

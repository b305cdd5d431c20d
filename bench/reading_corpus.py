"""Real documents to measure reading with, and what other readers find in them.

They are test files of Python packages, fetched as sources from the package index, and those in fixtures/. Beside each document lies the
text that a reader of another make found in it.
"""

import email
import email.policy
import io
import pathlib
import re
import subprocess
import tarfile
import urllib.parse
import urllib.request
import warnings
import zipfile

import bs4
import docx
import odf.opendocument
import odf.teletype
import olefile
import openpyxl
import pillow_heif
import pptx
import xlrd
from striprtf.striprtf import rtf_to_text

# Package, version, and how many files of each kind are taken from it.
PACKAGES = [
    ("pypdf", "7.1.1", {"pdf": 40}),
    ("pikepdf", "10.18.0", {"pdf": 25}),
    ("ocrmypdf", "9.8.2", {"pdf": 40, "png": 7, "jpg": 2}),
    ("python-docx", "1.2.0", {"docx": 20}),
    ("python-pptx", "1.0.2", {"pptx": 20}),
    ("xlsx2csv", "0.8.6", {"xlsx": 20}),
    ("python-calamine", "0.9.1", {"xlsx": 6, "xls": 3}),
    ("odfpy", "1.4.1", {"odt": 16, "ods": 4, "odp": 3}),
    ("pymupdf", "2.0", {"epub": 6, "docx": 2}),
    ("trafilatura", "2.3.1", {"html": 8}),
    ("talon", "1.4.4", {"eml": 13, "html": 11}),
    ("msg-parser", "1.2.0", {"msg": 3}),
]
# With fewer words there is little to measure.
FEWEST_WORDS = 10
MOST_PAGES = 60


warnings.simplefilter("ignore")  # Of the other readers.


def collect(folder, sources, fixtures):
    """Fills `folder` with a folder for each kind; answers how many files each has."""
    for package, version, wanted in PACKAGES:
        with tarfile.open(fetch(package, version, sources)) as archive:
            members = sorted((member for member in archive if member.isfile()), key=lambda member: member.name)
            for member in members:
                kind = pathlib.PurePath(member.name).suffix[1:].lower()
                if wanted.get(kind, 0) > 0 and add(folder, f"{package}-{pathlib.PurePath(member.name).name}", archive.extractfile(member).read(), kind):
                    wanted[kind] -= 1
    for path in sorted(fixtures.iterdir()):
        if path.is_file() and path.suffix not in (".py", ".md") and path.name != "truncated.pdf":
            add(folder, f"fixtures-{path.name}", path.read_bytes(), path.suffix[1:].lower())
    for kind in folder.iterdir():
        if not any(kind.iterdir()):
            kind.rmdir()


def fetch(package, version, sources):
    """The package's source archive, fetched once."""
    file = f"{package.replace('-', '_')}-{version}.tar.gz"
    path = sources / file
    if not path.exists():
        configured = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True)
        index = f"{(configured.stdout.strip() or 'https://pypi.org/simple').rstrip('/')}/{package}/"
        with urllib.request.urlopen(urllib.request.Request(index, headers={"Accept": "text/html"}), timeout=60) as answer:
            links = re.findall(r'href="([^"]+)"', answer.read().decode())
        link = next(link for link in links if file in link)
        with urllib.request.urlopen(urllib.parse.urljoin(index, link), timeout=300) as answer:
            path.write_bytes(answer.read())
    return path


def add(folder, name, content, kind):
    """True if a reader of another make can open it and it has enough words."""
    kind = {"jpeg": "jpg", "tif": "tiff"}.get(kind, kind)
    place = folder / kind
    judged = folder.parent / "judged" / name  # What was found out in an earlier run.
    if judged.exists():
        return judged.read_text() == "taken"
    judged.parent.mkdir(exist_ok=True)
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)
    try:
        group, words = reference(place / name, kind)
    except Exception:  # Whatever the other reader stumbles over: it cannot be compared with.
        group, words = kind, ""
    if len(re.findall(r"\w+", words)) < FEWEST_WORDS:
        (place / name).unlink()
        judged.write_text("left out")
        return False
    if group != kind:
        (folder / group).mkdir(exist_ok=True)
        (place / name).rename(folder / group / name)
    (folder / group / f"{name}.words").write_text(words)
    judged.write_text("taken")
    return True


def reference(path, kind):
    """What kind it is counted as, and its words by another reader."""
    if kind == "pdf":
        return of_pdf(path)
    if kind in ("png", "jpg", "tiff"):
        return kind, tesseract(path)
    if kind == "heic":
        decoded = path.with_suffix(".png")
        pillow_heif.open_heif(path).to_pillow().save(decoded)
        words = tesseract(decoded)
        decoded.unlink()
        return kind, words
    return kind, READERS[kind](path)


def of_pdf(path):
    counted = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=60)
    pages = int(re.search(r"^Pages:\s+(\d+)", counted.stdout, re.M).group(1))
    if pages > MOST_PAGES or re.search(r"^Encrypted:\s+yes", counted.stdout, re.M):
        return "pdf", ""
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    if len(re.findall(r"\w+", text)) >= FEWEST_WORDS:
        return "pdf", text
    words = []
    for page in range(1, pages + 1):
        drawn = path.with_suffix("")
        subprocess.run(["pdftoppm", "-r", "300", "-gray", "-f", str(page), "-l", str(page), "-singlefile", path, drawn], check=True, capture_output=True, timeout=120)
        words.append(tesseract(drawn.with_suffix(".pgm")))
        drawn.with_suffix(".pgm").unlink()
    return "pdf, scanned", "\n".join(words)


def tesseract(path):
    """With its own orientation detection, the languages that the vault uses, and one thread."""
    command = ["tesseract", path, "-", "-l", "eng+deu", "--psm", "1"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"}).stdout


def of_docx(path):
    paragraphs = docx.Document(path).element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    texts = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    return "\n".join("".join(text.text or "" for text in paragraph.iter(texts)) for paragraph in paragraphs)


def of_xlsx(path):
    sheets = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets
    return "\n".join(cell for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str))


def of_xls(path):
    sheets = xlrd.open_workbook(path).sheets()
    return "\n".join(cell.value for sheet in sheets for row in sheet.get_rows() for cell in row if cell.ctype == xlrd.XL_CELL_TEXT)


def of_pptx(path):
    words = []

    def look_at(shapes):
        for shape in shapes:
            if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.GROUP:
                look_at(shape.shapes)
            elif shape.has_text_frame:
                words.append(shape.text_frame.text)
            elif getattr(shape, "has_table", False) and shape.has_table:
                words.extend(cell.text for row in shape.table.rows for cell in row.cells)

    for slide in pptx.Presentation(path).slides:
        look_at(slide.shapes)
    return "\n".join(words)


def of_opendocument(path):
    body = odf.opendocument.load(path).body
    paragraphs = [element for kind in (odf.text.P, odf.text.H) for element in body.getElementsByType(kind)]
    return "\n".join(odf.teletype.extractText(paragraph) for paragraph in paragraphs)


def of_html(markup):
    page = bs4.BeautifulSoup(markup, "lxml")
    for unseen in page(["script", "style", "head", "template", "noscript"]):
        unseen.decompose()
    return page.get_text(" ")


def of_epub(path):
    with zipfile.ZipFile(path) as book:
        chapters = [name for name in book.namelist() if name.endswith((".xhtml", ".html", ".htm"))]
        return "\n".join(of_html(book.read(name)) for name in chapters if "nav" not in name and "toc" not in name)


def of_eml(path):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    return f"{mail['subject'] or ''}\n{of_html(text) if body and body.get_content_type() == 'text/html' else text}"


def of_msg(path):
    with olefile.OleFileIO(path) as mail:
        streams = [f"__substg1.0_{tag}001F" for tag in ("0037", "1000")]
        return "\n".join(mail.openstream(stream).read().decode("utf-16-le") for stream in streams if mail.exists(stream))


def of_zip(path):
    return "\n".join(zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist())


def of_plain_text(path):
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1")


READERS = {
    "docx": of_docx,
    "xlsx": of_xlsx,
    "xls": of_xls,
    "pptx": of_pptx,
    "odt": of_opendocument,
    "ods": of_opendocument,
    "odp": of_opendocument,
    "html": lambda path: of_html(path.read_bytes()),
    "epub": of_epub,
    "eml": of_eml,
    "msg": of_msg,
    "zip": of_zip,
    "rtf": lambda path: rtf_to_text(of_plain_text(path)),
    "xml": lambda path: bs4.BeautifulSoup(path.read_bytes(), "xml").get_text(" "),
    **dict.fromkeys(("txt", "csv", "json"), of_plain_text),
}

//! Files made by hand to hurt: nesting, repetition, loops, bombs and headers that lie.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::Hostile;
use crate::fixture;

const ODF: &str = "application/vnd.oasis.opendocument.";

pub fn files() -> Vec<Hostile> {
    let mut files = nested();
    files.extend(markup());
    files.extend(archives());
    files.extend(pictures());
    files.extend(messages());
    files.extend(pdfs());
    let hostile = std::fs::read_dir(fixture("hostile")).unwrap();
    let mut stored: Vec<_> = hostile.map(|entry| entry.unwrap().path()).collect();
    stored.sort();
    files.extend(stored.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = name.rsplit('.').next().unwrap_or_default().to_owned();
        Hostile::new(name, &extension, std::fs::read(path).unwrap())
    }));
    files
}

fn nested() -> Vec<Hostile> {
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    let xml = |body: String| format!("<?xml version='1.0'?>{body}");
    vec![
        Hostile::new("deep json", "json", deep("[", "]", 500_000)),
        Hostile::new("deep json objects", "json", deep("{\"a\":", "}", 200_000)),
        Hostile::new("deep xml", "xml", xml(deep("<a>", "</a>", 300_000))),
        Hostile::new(
            "deep rtf",
            "rtf",
            format!("{{\\rtf1 {}", deep("{", "}", 500_000)),
        ),
        Hostile::new(
            "unclosed rtf",
            "rtf",
            format!("{{\\rtf1 {}", "{\\b ".repeat(500_000)),
        ),
        Hostile::new(
            "deep lists",
            "html",
            format!("<html>{}", deep("<ul><li>x", "</li></ul>", 50_000)),
        ),
        Hostile::new(
            "deep tables",
            "html",
            format!(
                "<html>{}",
                deep("<table><tr><td>", "</td></tr></table>", 20_000)
            ),
        ),
        Hostile::new("deep quotes", "md", "> ".repeat(500_000) + "x"),
        Hostile::new("deep brackets", "md", "[".repeat(500_000)),
    ]
}

fn markup() -> Vec<Hostile> {
    let mut laughs = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b0 'ha'>".to_owned();
    for level in 1..40 {
        let _ = write!(
            laughs,
            "<!ENTITY b{level} '{}'>",
            format!("&b{};", level - 1).repeat(10)
        );
    }
    laughs += "]><a>&b39;</a>";
    let attributes = (0..200_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, " a{number}='x'");
        text
    });
    let span = "<table><tr><td colspan='1000000000' rowspan='1000000000'>x</td></tr></table>";
    vec![
        Hostile::new("billion laughs", "xml", laughs.clone()),
        Hostile::new(
            "billion laughs as svg",
            "svg",
            laughs.replace("<a>", "<a><svg/>"),
        ),
        Hostile::new(
            "outside entity",
            "xml",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        ),
        Hostile::new(
            "many attributes",
            "html",
            format!("<html><p{attributes}>x</p>"),
        ),
        Hostile::new("wide cell", "html", format!("<html>{span}")),
        Hostile::new(
            "unclosed tag",
            "html",
            format!("<html><p {}", "<".repeat(1_000_000)),
        ),
        Hostile::new("long line", "csv", "a,".repeat(3_000_000)),
        Hostile::new("long word", "txt", "a".repeat(8_000_000)),
        Hostile::new(
            "picture of bytes",
            "rtf",
            format!("{{\\rtf1{{\\pict\\bin2147483647 {}", "x".repeat(99)),
        ),
        Hostile::new(
            "rtf numbers",
            "rtf",
            "{\\rtf1\\u2147483647?\\'zz\\cell\\row\\cellx99999999999999}",
        ),
    ]
}

fn packed(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let kind = if *name == "mimetype" {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(kind);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn odf(kind: &str, content: String) -> Vec<u8> {
    let mimetype = format!("{ODF}{kind}").into_bytes();
    packed(&[
        ("mimetype", mimetype),
        ("content.xml", content.into_bytes()),
    ])
}

fn archives() -> Vec<Hostile> {
    let cell = "<table:table-cell office:value-type='string' table:number-columns-repeated='1000000'><text:p>x</text:p></table:table-cell>";
    let sheet = format!(
        "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><office:body><office:spreadsheet><table:table table:name='t'><table:table-row table:number-rows-repeated='1000000'>{cell}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let types = ("[Content_Types].xml", b"<Types/>".to_vec());
    let bomb = vec![b' '; 40 << 20];
    let many: Vec<String> = (0..30_000).map(|number| format!("{number}/x")).collect();
    let many: Vec<_> = many
        .iter()
        .map(|name| (name.as_str(), Vec::new()))
        .collect();
    let inner = packed(&[("bomb.txt", bomb.clone())]);
    let mut lying = packed(&[("a.txt", b"hello".to_vec())]);
    let end = lying.len();
    lying[end - 14..end - 10].copy_from_slice(&[0xff; 4]);
    vec![
        Hostile::new("repeated cells", "ods", odf("spreadsheet", sheet)),
        Hostile::new("deep text", "odt", odf("text", "<text:p>".repeat(200_000))),
        Hostile::new(
            "deep slides",
            "odp",
            odf("presentation", "<draw:page>".repeat(200_000)),
        ),
        Hostile::new(
            "spaces",
            "odt",
            odf(
                "text",
                "<text:p><text:s text:c='2147483647'/></text:p>".to_owned(),
            ),
        ),
        Hostile::new(
            "bomb in a book",
            "epub",
            packed(&[
                ("mimetype", b"application/epub+zip".to_vec()),
                ("a.xhtml", bomb.clone()),
            ]),
        ),
        Hostile::new(
            "bomb as a preview",
            "docx",
            packed(&[
                types.clone(),
                ("word/document.xml", b"<w/>".to_vec()),
                ("docProps/thumbnail.jpeg", bomb),
            ]),
        ),
        Hostile::new(
            "deep word",
            "docx",
            packed(&[
                types.clone(),
                ("word/document.xml", "<w:p>".repeat(200_000).into_bytes()),
            ]),
        ),
        Hostile::new(
            "empty workbook",
            "xlsx",
            packed(&[types.clone(), ("xl/workbook.xml", b"<workbook/>".to_vec())]),
        ),
        Hostile::new(
            "empty slides",
            "pptx",
            packed(&[types, ("ppt/presentation.xml", b"<p/>".to_vec())]),
        ),
        Hostile::new("many entries", "zip", packed(&many)),
        Hostile::new("bomb in an archive", "zip", packed(&[("inner.zip", inner)])),
        Hostile::new(
            "paths that climb",
            "zip",
            packed(&[("../../../etc/passwd", b"x".to_vec())]),
        ),
        Hostile::new("lying directory", "zip", lying),
    ]
}

fn pictures() -> Vec<Hostile> {
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend([0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0, 1, 0, 24, 0]);
    bmp.extend([0; 24]);
    let gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;".to_vec();
    let loop_of_pages = b"II*\0\x08\0\0\0\0\0\x0e\0\0\0\0\0\x08\0\0\0".to_vec();
    let mut directory = b"II*\0\x08\0\0\0\xff\xff".to_vec();
    directory.extend([0xff; 5_000]);
    let wide = [
        &b"II*\0\x08\0\0\0\x04\0"[..],
        b"\0\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f",
        b"\x01\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f",
        b"\x11\x01\x04\0\x01\0\0\0\x08\0\0\0",
        b"\x17\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f\0\0\0\0",
    ]
    .concat();
    vec![
        Hostile::new("huge bitmap", "bmp", bmp),
        Hostile::new("huge gif", "gif", gif),
        Hostile::new("pages in a circle", "tiff", loop_of_pages),
        Hostile::new("endless directory", "tiff", directory),
        Hostile::new("huge fax", "tiff", wide),
        Hostile::new(
            "webp header",
            "webp",
            b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff\x2f\xff\xff\xff\xff".to_vec(),
        ),
    ]
}

fn messages() -> Vec<Hostile> {
    let head = "From: a@b.example\nTo: c@d.example\nSubject: x\nMIME-Version: 1.0\n";
    let part = "--b\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\nx\n";
    let many = format!(
        "{head}Content-Type: multipart/mixed; boundary=b\n\n{}",
        part.repeat(20_000)
    );
    let parts = (0..3_000).fold(head.to_owned(), |mut mail, depth| {
        let _ = write!(
            mail,
            "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"
        );
        mail
    });
    let headers = format!("{head}{}\n\nx", "X-Long: y\n".repeat(200_000));
    let mut outlook = std::fs::read(fixture("nursery.msg")).unwrap();
    let table = outlook.len() - 512;
    for (index, link) in outlook[table..].chunks_exact_mut(4).enumerate() {
        link.copy_from_slice(&(index as u32 / 2).to_le_bytes());
    }
    vec![
        Hostile::new("many attachments", "eml", many),
        Hostile::new("deep parts", "eml", parts),
        Hostile::new("many headers", "eml", headers),
        Hostile::new("sectors in a circle", "msg", outlook),
    ]
}

fn pdfs() -> Vec<Hostile> {
    let pdf = |body: &str| format!("%PDF-1.7\n{body}\n%%EOF\n");
    let catalog = "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n";
    let page = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>\nendobj\n";
    let trailer = "trailer\n<</Root 1 0 R/Size 9>>";
    let whole = |contents: &str| pdf(&format!("{catalog}{page}{contents}{trailer}"));
    vec![
        Hostile::new(
            "tables in a circle",
            "pdf",
            pdf(&format!(
                "{catalog}xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size 3/Prev 119>>\nstartxref\n119"
            )),
        ),
        Hostile::new(
            "negative length",
            "pdf",
            whole("4 0 obj\n<</Length -5>>\nstream\nq\nendstream\nendobj\n"),
        ),
        Hostile::new(
            "length of itself",
            "pdf",
            whole("4 0 obj\n<</Length 4 0 R>>\nstream\nq\nendstream\nendobj\n"),
        ),
        Hostile::new(
            "objects in themselves",
            "pdf",
            whole(
                "4 0 obj\n<</Type/ObjStm/N 99999999/First 9/Extends 4 0 R/Length 1>>\nstream\nq\nendstream\nendobj\n",
            ),
        ),
        Hostile::new(
            "saved without end",
            "pdf",
            whole(&format!(
                "4 0 obj\n<</Length 2000000>>\nstream\n{}\nendstream\nendobj\n",
                "q ".repeat(1_000_000)
            )),
        ),
        Hostile::new(
            "many filters",
            "pdf",
            whole(&format!(
                "4 0 obj\n<</Length 1/Filter[{}]>>\nstream\nq\nendstream\nendobj\n",
                "/ASCIIHexDecode".repeat(100_000)
            )),
        ),
        Hostile::new(
            "many objects",
            "pdf",
            pdf(&format!(
                "{catalog}{}",
                "5 0 obj null endobj\n".repeat(200_000)
            )),
        ),
    ]
}

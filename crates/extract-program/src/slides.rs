//! The slides of an OpenDocument presentation, one page each; `xberg` runs them together.

use docuvault_extract::{PageText, TextSource};
use quick_xml::Reader;
use quick_xml::events::Event;

/// The text of each slide with its notes, from the `content.xml` of the file.
pub fn read(content_xml: &[u8]) -> Vec<PageText> {
    let mut reader = Reader::from_reader(content_xml);
    let mut slides: Vec<String> = Vec::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) if tag.name().as_ref() == "draw:page" => slides.push(String::new()),
            Event::End(tag) if matches!(tag.name().as_ref(), "text:p" | "text:h") => {
                add(&mut slides, "\n");
            }
            Event::Empty(tag) => match tag.name().as_ref() {
                "text:s" => add(&mut slides, " "),
                "text:tab" => add(&mut slides, "\t"),
                "text:line-break" => add(&mut slides, "\n"),
                _ => {}
            },
            Event::Text(text) => add(&mut slides, &text),
            Event::GeneralRef(name) => {
                if let Ok(Some(character)) = name.resolve_char_ref() {
                    add(&mut slides, character.encode_utf8(&mut [0; 4]));
                } else {
                    let entity = quick_xml::escape::resolve_predefined_entity(&name);
                    add(&mut slides, entity.unwrap_or_default());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (1..)
        .zip(slides)
        .map(|(number, text)| PageText {
            number,
            text: text.trim().to_owned(),
            source: TextSource::Text,
            confidence: None,
        })
        .collect()
}

fn add(slides: &mut [String], text: &str) {
    if let Some(slide) = slides.last_mut() {
        slide.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn slides_keep_their_lines_apart() {
        let xml = b"<office:body>lost<draw:page draw:name='a'><text:p>Tea &amp; cake<text:line-break/>at <text:span>four&#33;</text:span></text:p></draw:page>\
                    <draw:page><text:p>End</text:p></draw:page></office:body>";
        let slides = read(xml);
        let texts: Vec<_> = slides.iter().map(|slide| slide.text.as_str()).collect();
        assert_eq!(texts, ["Tea & cake\nat four!", "End"]);
        assert!(read(b"<no slides").is_empty());
    }
}

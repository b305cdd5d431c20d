//! The answer survives the journey, and neither cuts nor lies in it do harm.

use super::*;

fn page(number: u32, text: &str, source: TextSource) -> PageText {
    PageText {
        number,
        text: text.to_owned(),
        source,
        confidence: (source == TextSource::Ocr).then_some(93),
    }
}

fn pages() -> Vec<PageText> {
    vec![
        page(1, "first", TextSource::Text),
        page(2, "7", TextSource::Text),
        page(3, "dritte Seite ü", TextSource::Text),
    ]
}

fn text_of(content_type: &str, title: &str, pages: &[PageText]) -> Vec<u8> {
    let properties = Properties {
        title: Some(title.to_owned()),
        ..Properties::default()
    };
    let mut answer = Vec::new();
    write_text(&mut answer, content_type, 3, 2, &properties, pages).unwrap();
    answer
}

fn text() -> Vec<u8> {
    text_of("application/pdf", "Rechnung", &pages())
}

fn complete(answer: &mut Vec<u8>, language: &str) {
    let completion = Completion {
        language: Some(language.to_owned()),
        notes: vec![Note::Truncated],
        thumbnail_follows: true,
    };
    write_completion(answer, &completion).unwrap();
}

fn thumbnail() -> Thumbnail {
    Thumbnail {
        content_type: "image/jpeg".to_owned(),
        width: 3,
        height: 4,
        bytes: b"\xff\xd8\xff\xe0jpeg".to_vec(),
    }
}

fn whole_answer() -> Vec<u8> {
    let mut answer = Vec::new();
    write_preview(&mut answer, 3, &page(1, "first", TextSource::Text)).unwrap();
    answer.extend(text());
    write_nothing_recognised(&mut answer, 3).unwrap();
    write_recognised(&mut answer, &page(2, "zweite", TextSource::Ocr)).unwrap();
    complete(&mut answer, "de");
    write_thumbnail(&mut answer, &thumbnail()).unwrap();
    answer
}

fn parse(answer: &[u8]) -> Option<Reading> {
    parse_answer(answer, &Limits::default()).map(Result::unwrap)
}

#[test]
fn a_whole_answer_survives_the_journey() {
    let reading = parse(&whole_answer()).unwrap();
    assert_eq!(reading.content_type, "application/pdf");
    let expected = [
        page(1, "first", TextSource::Text),
        page(2, "zweite", TextSource::Ocr),
        page(3, "dritte Seite ü", TextSource::Text),
    ];
    assert_eq!(reading.pages, expected);
    assert_eq!(
        (reading.page_count, reading.language.as_deref()),
        (3, Some("de"))
    );
    assert_eq!(reading.properties.title.as_deref(), Some("Rechnung"));
    assert_eq!(
        (reading.thumbnail, reading.notes),
        (Some(thumbnail()), vec![Note::Truncated])
    );
}

#[test]
fn a_cut_costs_what_follows_it() {
    let whole = whole_answer();
    let text = text();
    let text_starts = whole
        .windows(text.len())
        .position(|part| part == text)
        .unwrap();
    let text_ends = text_starts + text.len();
    for length in 0..whole.len() {
        let reading = parse(&whole[..length]);
        assert_eq!(reading.is_some(), length >= text_ends, "cut at {length}");
        let Some(reading) = reading else { continue };
        assert_eq!(reading.pages.len(), 3);
        assert_eq!(reading.thumbnail, None);
        let was_complete = reading.language.is_some();
        let expected = if was_complete {
            vec![Note::Truncated, Note::ThumbnailFailed]
        } else {
            vec![Note::OcrIncomplete]
        };
        assert_eq!(reading.notes, expected, "cut at {length}");
    }
}

#[test]
fn a_child_that_died_before_it_read_anything_gave_no_answer() {
    assert_eq!(
        parse(&text_of(
            "application/pdf",
            "t",
            &[page(1, " ", TextSource::Text)]
        )),
        None
    );
}

#[test]
fn lies_in_the_answer_are_refused_or_washed_out() {
    assert_eq!(parse(&text_of("text/evil", "t", &pages())), None);
    let mut answer = text_of(
        "text/plain",
        &"x\n".repeat(2_000),
        &[page(1, "a\u{e000}b\0c", TextSource::Text)],
    );
    complete(&mut answer, "<script>");
    write_thumbnail(
        &mut answer,
        &Thumbnail {
            bytes: b"<svg/>".to_vec(),
            ..thumbnail()
        },
    )
    .unwrap();
    let reading = parse(&answer).unwrap();
    assert_eq!(reading.pages[0].text, "abc");
    assert_eq!((reading.language, reading.thumbnail), (None, None));
    assert!(reading.properties.title.unwrap().len() <= PROPERTY_BYTES);
}

#[test]
fn a_length_beyond_the_answer_is_no_answer() {
    let mut answer = u32::MAX.to_be_bytes().to_vec();
    answer.extend(text());
    assert_eq!(parse(&answer), None);
}

#[test]
fn text_beyond_the_limit_is_dropped() {
    let limits = Limits {
        text_bytes: 9,
        ..Limits::default()
    };
    let reading = parse_answer(&whole_answer(), &limits).unwrap().unwrap();
    assert_eq!(
        reading
            .pages
            .iter()
            .map(|page| page.text.as_str())
            .collect::<Vec<_>>(),
        ["first", "zwei"]
    );
}

#[test]
fn a_failure_keeps_its_kind() {
    let mut answer = Vec::new();
    write_failure(
        &mut answer,
        &Failure::LimitExceeded("expanded_size".to_owned()),
    )
    .unwrap();
    let Some(Err(ReadError::LimitExceeded { what })) = parse_answer(&answer, &Limits::default())
    else {
        panic!("wrong kind")
    };
    assert_eq!(what, "expanded_size");
}

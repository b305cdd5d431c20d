//! Odd and hostile papers: no panic, no long wait, no invented topics.

use std::time::{Duration, Instant};

use crate::library::{Library, paper, starter_topic_list};
use docuvault_filing::{APPLY_THRESHOLD, Example, Memory, Paper, file_paper};
use proptest::prelude::*;
use uuid::Uuid;

/// Unoptimised builds on a busy machine; the release budgets are in `speed.rs`.
const PATIENCE: Duration = Duration::from_secs(5);

fn files_calmly(paper: &Paper<'_>) {
    let topics = starter_topic_list();
    let started = Instant::now();
    let filing = file_paper(paper, &topics.borrowed(), None);
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
    assert!(
        filing
            .topics
            .iter()
            .all(|proposal| proposal.confidence < APPLY_THRESHOLD),
        "{:?}",
        filing.topics
    );
    assert!(!filing.title.value.is_empty());
    let mut memory = Memory::default();
    memory.learn(&Example {
        document: Uuid::nil(),
        paper: *paper,
        topics: &[],
        rejected: &[],
        correspondent: None,
    });
    assert_eq!(Memory::from_bytes(&memory.to_bytes()).unwrap(), memory);
}

#[test]
fn empty_papers_say_nothing() {
    for text in ["", " \n\t \x0c\x0c", "\0\0\0"] {
        let empty = paper("scan.pdf", text, None);
        let filing = file_paper(&empty, &starter_topic_list().borrowed(), None);
        assert!(
            filing.topics.is_empty() && filing.date.is_none() && filing.correspondent.is_none()
        );
        assert_eq!(filing.title.value, "scan");
    }
}

#[test]
fn huge_and_strange_papers_do_no_harm() {
    let ten_megabytes = "lorem ipsum dolor sit amet ".repeat(400_000);
    let one_word = "x".repeat(10_000_000);
    let symbols = "#!$%&/()=?*+~<>|{}[]^°§\u{fffd} ".repeat(50_000);
    let lines = "\n".repeat(1_000_000);
    let digits = "1.1.1.1.1.1.1.1.1.1.1.1 12/12/12/12 2024-2024-2024 ".repeat(5_000);
    let spaces = format!("a{}GmbH", " ".repeat(40_000));
    let marks = format!("a{}", "\u{301}".repeat(50_000));
    let hosts = "a.b.c.d.e.f.g.h@a-a-a-a.".repeat(5_000);
    for text in [
        &ten_megabytes,
        &one_word,
        &symbols,
        &lines,
        &digits,
        &spaces,
        &marks,
        &hosts,
    ] {
        files_calmly(&paper("odd.bin", text, None));
    }
    let long_name = "n".repeat(100_000);
    files_calmly(&Paper {
        sender: Some(&long_name),
        embedded_title: Some(&long_name),
        ..paper(&long_name, "", None)
    });
}

#[test]
fn every_script_is_read() {
    let arabic = "السادة الكرام،\nنرفق لكم صورة من الحديقة بعد المطر.\nمع التحية\n١٢/٣/٢٠٢٥";
    let hebrew = "שלום רב,\nמצורפות התמונות מהטיול.\nבברכה";
    let chinese = "尊敬的邻居们：\n春天来了，院子里的花都开了。\n2025年3月15日";
    let japanese = "庭の桜が咲きました。\nまた遊びに来てください。";
    let hindi = "प्रिय मित्र,\nबगीचे में फूल खिले हैं।";
    for text in [arabic, hebrew, chinese, japanese, hindi] {
        files_calmly(&paper("letter.pdf", text, None));
    }
    let dated = file_paper(&paper("letter.pdf", chinese, None), &[], None)
        .date
        .unwrap();
    assert_eq!(dated.value.to_string(), "2025-03-15");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_text_is_filed(text in "\\PC{0,400}", filename in "\\PC{0,40}", sender in "\\PC{0,40}", title in "\\PC{0,40}") {
        let odd = Paper { sender: Some(&sender), embedded_title: Some(&title), ..paper(&filename, &text, None) };
        let filing = file_paper(&odd, &starter_topic_list().borrowed(), None);
        prop_assert!(filing.topics.iter().all(|proposal| (0.0..=1.0).contains(&proposal.confidence)));
    }

    #[test]
    fn pages_of_a_real_paper_in_any_order_and_cut_are_filed(seed in 0_usize..10_000, cut in 0_usize..2_000) {
        let library = Library::load();
        let paper_on_file = &library.papers[seed % library.papers.len()];
        let text = &paper_on_file.text[paper_on_file.text.floor_char_boundary(cut.min(paper_on_file.text.len()))..];
        let filing = file_paper(&paper(&paper_on_file.filename, text, None), &starter_topic_list().borrowed(), None);
        prop_assert!(!filing.title.value.is_empty());
    }
}

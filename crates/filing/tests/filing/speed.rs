//! Time budgets of an optimised build: a decision under 10 ms, learning from a correction under 50 ms.
//! Unoptimised builds, shared with other work, get ten times as long.

use std::time::{Duration, Instant};

use crate::library::{Library, paper, starter_topic_list};
use docuvault_filing::{Example, Memory, file_paper};
use uuid::Uuid;

const PAPERS: usize = if cfg!(debug_assertions) { 300 } else { 5000 };
const SLOWDOWN: u32 = if cfg!(debug_assertions) { 10 } else { 1 };

/// The lower quartile: what the work takes when the machine is not busy with something else.
fn usual(mut runs: Vec<Duration>) -> Duration {
    runs.sort();
    runs[runs.len() / 4]
}

#[test]
fn decisions_and_corrections_are_quick_with_a_full_memory() {
    let library = Library::load();
    let topics = starter_topic_list();
    let ids: Vec<Vec<Uuid>> = library
        .papers
        .iter()
        .map(|paper| paper.topics.iter().map(|key| topics.id_of(key)).collect())
        .collect();
    // The made-up papers with words of their own.
    let texts: Vec<String> = (0..PAPERS)
        .map(|number| {
            let own: Vec<String> = (0..60)
                .map(|word| {
                    format!(
                        "w{}x",
                        char::from(b'a' + (number * word % 26) as u8)
                            .to_string()
                            .repeat(1 + (number + word) % 7)
                    )
                })
                .collect();
            format!(
                "{}\n{}",
                library.papers[number % library.papers.len()].text,
                own.join(" ")
            )
        })
        .collect();
    let examples = texts.iter().enumerate().map(|(number, text)| Example {
        document: Uuid::from_u128(number as u128),
        paper: paper("scan.pdf", text, None),
        topics: &ids[number % ids.len()],
        rejected: &[],
        correspondent: None,
    });
    let started = Instant::now();
    let mut memory = Memory::train(examples);
    let training = started.elapsed();
    let bytes = memory.to_bytes().len();

    let borrowed = topics.borrowed();
    let decide = |library: &Library| {
        library
            .papers
            .iter()
            .map(|paper| {
                let started = Instant::now();
                file_paper(&paper.paper(), &borrowed, Some(&memory));
                started.elapsed()
            })
            .collect()
    };
    let decision = usual(decide(&library));
    let correction = usual(
        (0..12)
            .map(|number| {
                let correction = Example {
                    document: Uuid::from_u128(9000 + number as u128),
                    paper: library.papers[number].paper(),
                    topics: &ids[number],
                    rejected: &[],
                    correspondent: None,
                };
                let started = Instant::now();
                memory.learn(&correction);
                started.elapsed()
            })
            .collect(),
    );
    println!(
        "training {PAPERS} papers {training:?}, {bytes} bytes; decision {decision:?}; correction {correction:?}"
    );
    assert!(
        training < Duration::from_secs(4) * SLOWDOWN,
        "training took {training:?}"
    );
    assert!(
        decision < Duration::from_millis(10) * SLOWDOWN,
        "a decision took {decision:?}"
    );
    assert!(
        correction < Duration::from_millis(50) * SLOWDOWN,
        "a correction took {correction:?}"
    );
    assert!(bytes < 600_000, "{bytes} bytes");
}

//! Files papers for `bench/filing`: reads topics and papers, then tasks, one JSON value a line; answers each task with one.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use docuvault_filing::{Example, Memory, Paper, Topic, file_paper};
use serde::{Deserialize, Serialize};
use time::macros::date;
use uuid::Uuid;

#[derive(Deserialize)]
struct Given {
    topics: Vec<GivenTopic>,
    papers: Vec<GivenPaper>,
}

#[derive(Deserialize)]
struct GivenTopic {
    name: String,
    /// Of the starter topic; none for a topic that works by its name alone.
    key: Option<String>,
}

#[derive(Deserialize)]
struct GivenPaper {
    filename: String,
    text: String,
    /// Index of its topic.
    topic: usize,
}

/// Indexes of papers.
#[derive(Deserialize)]
struct Task {
    learn: Vec<usize>,
    file: Vec<usize>,
}

#[derive(Serialize)]
struct Answer {
    /// Per paper, the likeliest first: index of the topic and confidence.
    proposals: Vec<Vec<(usize, f32)>>,
    /// Microseconds for each paper.
    filing_us: Vec<u128>,
    /// Microseconds to learn the last example beside the others.
    learning_us: u128,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = io::stdin().lock().lines();
    let given: Given = serde_json::from_str(&lines.next().ok_or("no papers")??)?;
    let mut answers = io::stdout().lock();
    for line in lines {
        let answer = work(&given, &serde_json::from_str(&line?)?);
        serde_json::to_writer(&mut answers, &answer)?;
        writeln!(answers)?;
        answers.flush()?;
    }
    Ok(())
}

fn work(given: &Given, task: &Task) -> Answer {
    let ids: Vec<Uuid> = (1..=given.topics.len() as u128)
        .map(Uuid::from_u128)
        .collect();
    let topics: Vec<Topic<'_>> = given
        .topics
        .iter()
        .zip(&ids)
        .map(|(topic, id)| Topic {
            id: *id,
            name: &topic.name,
            starter_key: topic.key.as_deref(),
        })
        .collect();
    let example = |index: &usize| {
        let given = &given.papers[*index];
        Example {
            document: Uuid::from_u128(1000 + *index as u128),
            paper: paper(given),
            topics: std::slice::from_ref(&ids[given.topic]),
            rejected: &[],
            correspondent: None,
        }
    };
    let mut memory = None;
    let mut learning_us = 0;
    if let Some((last, before)) = task.learn.split_last() {
        let mut learned = Memory::train(before.iter().map(example));
        let started = Instant::now();
        learned.learn(&example(last));
        learning_us = started.elapsed().as_micros();
        memory = Some(learned);
    }
    let mut answer = Answer {
        proposals: Vec::new(),
        filing_us: Vec::new(),
        learning_us,
    };
    for index in &task.file {
        let started = Instant::now();
        let filing = file_paper(&paper(&given.papers[*index]), &topics, memory.as_ref());
        answer.filing_us.push(started.elapsed().as_micros());
        let proposals = filing.topics.iter().map(|proposal| {
            let index = ids.iter().position(|id| *id == proposal.topic);
            (index.unwrap_or(usize::MAX), proposal.confidence)
        });
        answer.proposals.push(proposals.collect());
    }
    answer
}

fn paper(given: &GivenPaper) -> Paper<'_> {
    Paper {
        filename: &given.filename,
        text: &given.text,
        language: None,
        sender: None,
        embedded_title: None,
        received_on: date!(2026 - 01 - 01),
    }
}

//! What a new vault gets right without any training, on made-up but realistic papers with known answers.

use crate::library::{Library, PaperOnFile, starter_topic_list};
use std::fmt;

use docuvault_filing::{APPLY_THRESHOLD, Filing, file_paper};

#[test]
fn a_new_vault_files_papers_rightly() {
    let library = Library::load();
    let topics = starter_topic_list();
    let mut score = Score::default();
    for paper in &library.papers {
        let filing = file_paper(&paper.paper(), &topics.borrowed(), None);
        assert!(
            !filing.title.value.trim().is_empty(),
            "{} has no title",
            paper.name
        );
        score.add(paper, &filing, |id| topics.key_of(id));
    }
    println!("{}", score.notes.join("\n"));
    println!(
        "{} papers: applied {}, recalled {}, among the first three {}, dates {}, correspondents {}",
        library.papers.len(),
        score.applied,
        score.recalled,
        score.in_first_three,
        score.dates,
        score.correspondents
    );
    assert!(
        library.papers.len() >= 60,
        "only {} papers",
        library.papers.len()
    );
    assert!(
        score.applied.share() >= 0.95,
        "precision of applied topics {:.3}",
        score.applied.share()
    );
    assert!(
        score.recalled.share() >= 0.80,
        "recall of applied topics {:.3}",
        score.recalled.share()
    );
    assert!(
        score.in_first_three.share() >= 0.95,
        "right topic among the first three {:.3}",
        score.in_first_three.share()
    );
    assert!(
        score.dates.share() >= 0.95,
        "dates {:.3}",
        score.dates.share()
    );
    assert!(
        score.correspondents.share() >= 0.90,
        "correspondents {:.3}",
        score.correspondents.share()
    );
    assert!(
        score.wrong_correspondents <= 2,
        "{} wrong correspondents",
        score.wrong_correspondents
    );
}

#[derive(Debug, Default, Clone, Copy)]
struct Rate {
    right: usize,
    of: usize,
}

impl Rate {
    fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    fn share(self) -> f64 {
        self.right as f64 / self.of as f64
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.right, self.of)
    }
}

#[derive(Debug, Default)]
struct Score {
    /// Of the topics applied, how many were right.
    applied: Rate,
    /// Of the right topics, how many were applied.
    recalled: Rate,
    /// Of the right topics, how many were among the first three.
    in_first_three: Rate,
    dates: Rate,
    correspondents: Rate,
    wrong_correspondents: usize,
    notes: Vec<String>,
}

impl Score {
    fn add(
        &mut self,
        paper: &PaperOnFile,
        filing: &Filing,
        key_of: impl Fn(uuid::Uuid) -> &'static str,
    ) {
        let proposed: Vec<(&str, f32)> = filing
            .topics
            .iter()
            .map(|proposal| (key_of(proposal.topic), proposal.confidence))
            .collect();
        let right = |key: &str| paper.topics.iter().any(|topic| topic == key);
        for (key, confidence) in proposed
            .iter()
            .filter(|(_, confidence)| *confidence >= APPLY_THRESHOLD)
        {
            self.applied.add(right(key));
            if !right(key) {
                self.notes
                    .push(format!("{}: applied {key} at {confidence:.2}", paper.name));
            }
        }
        for topic in &paper.topics {
            let applied = proposed
                .iter()
                .any(|(key, confidence)| key == topic && *confidence >= APPLY_THRESHOLD);
            let shown = proposed.iter().take(3).any(|(key, _)| key == topic);
            self.recalled.add(applied);
            self.in_first_three.add(shown);
            if !applied {
                self.notes.push(format!(
                    "{}: {topic} not applied, proposed {proposed:.2?}",
                    paper.name
                ));
            }
        }
        let date = filing.date.as_ref().map(|finding| finding.value);
        self.dates.add(date == paper.date);
        if date != paper.date {
            self.notes.push(format!(
                "{}: date {:?}, should be {:?}",
                paper.name, filing.date, paper.date
            ));
        }
        let named = filing
            .correspondent
            .as_ref()
            .map(|finding| finding.value.as_str());
        if let Some(correspondent) = paper.correspondent.as_deref() {
            self.correspondents.add(named == Some(correspondent));
            if named != Some(correspondent) {
                self.notes.push(format!(
                    "{}: from {named:?}, should be {correspondent}",
                    paper.name
                ));
            }
            self.wrong_correspondents +=
                usize::from(named.is_some_and(|named| named != correspondent));
        } else if let Some(named) = named {
            self.notes
                .push(format!("{}: (unlabelled) from {named:?}", paper.name));
        }
        self.notes
            .push(format!("{}: title {:?}", paper.name, filing.title.value));
    }
}

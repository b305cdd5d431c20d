//! Everything there is to say about a paper, at the price of reading it once.

use serde::Serialize;
use time::Date;

use crate::correspondents::correspondent;
use crate::dates::document_date;
use crate::facts::{Facts, facts};
use crate::memory::Memory;
use crate::paper::{Finding, Paper, Topic};
use crate::reading::Reading;
use crate::titles::title;
use crate::topics::{APPLY_THRESHOLD, TopicProposal, propose};

/// How a paper should be filed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Filing {
    /// Likeliest first.
    pub topics: Vec<TopicProposal>,
    /// The day the paper was written.
    pub date: Option<Finding<Date>>,
    /// Who sent it.
    pub correspondent: Option<Finding<String>>,
    /// Never empty, unless the file has no name either.
    pub title: Finding<String>,
    /// What it states for its payment.
    pub facts: Facts,
}

/// Proposes topics, date, correspondent and title of a paper together.
pub fn file_paper(paper: &Paper<'_>, topics: &[Topic<'_>], memory: Option<&Memory>) -> Filing {
    let reading = Reading::of(paper);
    let proposals = propose(&reading, topics, memory);
    let date = document_date(&reading, paper.received_on);
    let sender = correspondent(&reading, memory);
    let sure = proposals
        .first()
        .filter(|proposal| proposal.confidence >= APPLY_THRESHOLD);
    let topic = sure.and_then(|proposal| topics.iter().find(|topic| topic.id == proposal.topic));
    let title = title(
        &reading,
        sender.as_ref().map(|finding| finding.value.as_str()),
        date.as_ref().map(|finding| finding.value),
        topic,
    );
    Filing {
        topics: proposals,
        date,
        correspondent: sender,
        title,
        facts: facts(&reading),
    }
}

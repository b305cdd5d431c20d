//! The papers of `tests/papers`, with the answers written in their headers.
use std::fs;
use std::path::Path;

use docuvault_filing::{Example, Paper, Topic, starter_topics};
use time::Date;
use time::macros::{date, format_description};
use uuid::Uuid;

/// A paper on disk and what is true about it.
pub struct PaperOnFile {
    pub name: String,
    pub filename: String,
    pub language: Option<String>,
    pub topics: Vec<String>,
    pub date: Option<Date>,
    pub correspondent: Option<String>,
    pub text: String,
}

impl PaperOnFile {
    pub fn paper(&self) -> Paper<'_> {
        paper(&self.filename, &self.text, self.language.as_deref())
    }
}

/// A paper that arrived on the day all tests agree on.
pub fn paper<'a>(filename: &'a str, text: &'a str, language: Option<&'a str>) -> Paper<'a> {
    Paper {
        filename,
        text,
        language,
        sender: None,
        embedded_title: None,
        received_on: date!(2025 - 07 - 01),
    }
}

/// All papers, in the order of their names.
pub struct Library {
    pub papers: Vec<PaperOnFile>,
}

impl Library {
    pub fn load() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers");
        let mut paths: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        Self {
            papers: paths.iter().map(|path| read(path)).collect(),
        }
    }
}

fn read(path: &Path) -> PaperOnFile {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let content = fs::read_to_string(path).unwrap();
    let (header, text) = content
        .split_once("\n---\n")
        .unwrap_or_else(|| panic!("{name} has no header"));
    let field = |wanted: &str| {
        header
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == wanted)
            .map(|(_, value)| value.to_owned())
    };
    let topics = field("topics").unwrap_or_else(|| panic!("{name} has no topics"));
    PaperOnFile {
        filename: field("filename").unwrap_or_else(|| panic!("{name} has no file name")),
        language: field("language"),
        topics: topics
            .split(", ")
            .filter(|topic| *topic != "none")
            .map(str::to_owned)
            .collect(),
        date: field("date")
            .map(|date| Date::parse(&date, format_description!("[year]-[month]-[day]")).unwrap()),
        correspondent: field("correspondent"),
        text: text.to_owned(),
        name,
    }
}

/// The starter topics of an English vault with made-up ids.
pub struct TopicList(Vec<(Uuid, &'static str, &'static str)>);

pub fn starter_topic_list() -> TopicList {
    let numbered = starter_topics("en").into_iter().zip(1_u128..);
    TopicList(
        numbered
            .map(|(topic, number)| (Uuid::from_u128(number), topic.key, topic.name))
            .collect(),
    )
}

impl TopicList {
    pub fn borrowed(&self) -> Vec<Topic<'_>> {
        self.0
            .iter()
            .map(|&(id, key, name)| Topic {
                id,
                name,
                starter_key: Some(key),
            })
            .collect()
    }

    pub fn key_of(&self, id: Uuid) -> &'static str {
        self.0.iter().find(|(known, _, _)| *known == id).unwrap().1
    }

    pub fn id_of(&self, key: &str) -> Uuid {
        self.0.iter().find(|(_, known, _)| *known == key).unwrap().0
    }
}

/// The papers as a user would have filed them.
pub fn library_examples<'a>(library: &'a Library, ids: &'a [Vec<Uuid>]) -> Vec<Example<'a>> {
    let numbered = library.papers.iter().zip(ids).zip(1_u128..);
    numbered
        .map(|((paper, topics), number)| Example {
            document: Uuid::from_u128(number),
            paper: paper.paper(),
            topics,
            rejected: &[],
            correspondent: paper.correspondent.as_deref(),
        })
        .collect()
}

/// The right topics of every paper, by the ids of [`starter_topic_list`].
pub fn topic_ids(library: &Library) -> Vec<Vec<Uuid>> {
    let topics = starter_topic_list();
    library
        .papers
        .iter()
        .map(|paper| paper.topics.iter().map(|key| topics.id_of(key)).collect())
        .collect()
}

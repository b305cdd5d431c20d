//! What a memory learns from corrections, and that it keeps, forgets and explains it.

use crate::library::{Library, library_examples, paper, starter_topic_list, topic_ids};
use docuvault_filing::{
    APPLY_THRESHOLD, Example, Memory, Paper, SUGGEST_THRESHOLD, Topic, TopicProposal,
    find_correspondent, propose_topics,
};
use uuid::Uuid;

const CLUB: Uuid = Uuid::from_u128(100);
const OTHER: Uuid = Uuid::from_u128(101);

const FIRST_LETTER: &str = "Kanuten am Altrhein\n\nFamilie Brandt\n\nLiebe Paddler,\n\ndas Bootshaus wird am Samstag geputzt. Wer mitmacht, bringt \
    Handschuhe und einen Eimer mit. Danach gibt es Kuchen am Steg, und Jonas zeigt die neuen Wildwasserboote. Der Schlüssel zum Bootshaus hängt bei Petra.\n\n\
    Ahoi\nJonas, Wanderwart";
const SECOND_LETTER: &str = "Kanuten am Altrhein\n\nFamilie Brandt\n\nLiebe Paddler,\n\nam Sonntag paddeln wir auf dem Altrhein bis zur Insel. Treffpunkt ist \
    das Bootshaus, die Wildwasserboote bleiben diesmal im Regal. Petra bringt den Schlüssel, danach sitzen wir noch am Steg.\n\nAhoi\nJonas, Wanderwart";
const UNRELATED: &str = "Bienenfreunde Talblick\n\nLiebe Imker,\n\ndie Völker sind gut durch den Winter gekommen. Im April öffnen wir die Beuten und schauen \
    nach den Königinnen. Neue Rähmchen liegen in der Werkstatt bereit.\n\nGruß\nMargit";

fn club_topics() -> Vec<Topic<'static>> {
    vec![
        Topic {
            id: CLUB,
            name: "Freizeit A",
            starter_key: None,
        },
        Topic {
            id: OTHER,
            name: "Freizeit B",
            starter_key: None,
        },
    ]
}

fn example<'a>(
    document: u128,
    paper: Paper<'a>,
    topics: &'a [Uuid],
    rejected: &'a [Uuid],
) -> Example<'a> {
    Example {
        document: Uuid::from_u128(document),
        paper,
        topics,
        rejected,
        correspondent: None,
    }
}

fn confidence(proposals: &[TopicProposal], topic: Uuid) -> f32 {
    proposals
        .iter()
        .find(|proposal| proposal.topic == topic)
        .map_or(0.0, |proposal| proposal.confidence)
}

#[test]
fn one_correction_files_the_next_letter_of_the_same_club() {
    let (first, second, unrelated) = (
        paper("scan_01.pdf", FIRST_LETTER, Some("de")),
        paper("scan_02.pdf", SECOND_LETTER, Some("de")),
        paper("scan_03.pdf", UNRELATED, Some("de")),
    );
    let topics = club_topics();
    assert!(
        confidence(&propose_topics(&second, &topics, None), CLUB) < SUGGEST_THRESHOLD,
        "known before anything was learned"
    );

    let mut memory = Memory::default();
    memory.learn(&example(1, first, &[CLUB], &[]));
    let proposals = propose_topics(&second, &topics, Some(&memory));
    assert!(
        confidence(&proposals, CLUB) >= APPLY_THRESHOLD,
        "{proposals:?}"
    );
    assert!(
        proposals[0]
            .reasons
            .iter()
            .any(|word| ["bootshaus", "paddler", "kanuten"]
                .iter()
                .any(|known| word.contains(known))),
        "{proposals:?}"
    );
    let elsewhere = propose_topics(&unrelated, &topics, Some(&memory));
    assert!(
        confidence(&elsewhere, CLUB) < SUGGEST_THRESHOLD,
        "{elsewhere:?}"
    );
}

#[test]
fn a_removed_topic_does_not_come_back() {
    let library = Library::load();
    let topics = starter_topic_list();
    let invoice = topics.id_of("invoice");
    let paper_on_file = library
        .papers
        .iter()
        .find(|paper| paper.name == "de-handwerker-rechnung")
        .unwrap();
    let original = paper_on_file.paper();
    assert!(
        confidence(
            &propose_topics(&original, &topics.borrowed(), None),
            invoice
        ) >= APPLY_THRESHOLD
    );

    let mut memory = Memory::default();
    memory.learn(&example(1, original, &[], &[invoice]));
    let next_text = paper_on_file
        .text
        .replace("RE-2025-118", "RE-2025-131")
        .replace("86 m²", "40 m²")
        .replace("12.03.2025", "02.05.2025");
    let next = paper("RE-2025-131.pdf", &next_text, Some("de"));
    assert!(
        confidence(
            &propose_topics(&next, &topics.borrowed(), Some(&memory)),
            invoice
        ) < SUGGEST_THRESHOLD
    );

    let other = library
        .papers
        .iter()
        .find(|paper| paper.name == "en-invoice-web-design")
        .unwrap();
    assert!(
        confidence(
            &propose_topics(&other.paper(), &topics.borrowed(), Some(&memory)),
            invoice
        ) >= APPLY_THRESHOLD,
        "one removal spoilt all invoices"
    );
}

#[test]
fn a_forgotten_document_or_topic_leaves_nothing_behind() {
    let letter = paper("scan_01.pdf", FIRST_LETTER, Some("de"));
    let next = paper("scan_02.pdf", SECOND_LETTER, Some("de"));
    let mut memory = Memory::default();
    memory.learn(&example(1, letter, &[CLUB], &[OTHER]));
    memory.forget_topic(CLUB);
    assert!(
        confidence(&propose_topics(&next, &club_topics(), Some(&memory)), CLUB) < SUGGEST_THRESHOLD
    );
    memory.forget(Uuid::from_u128(1));
    assert_eq!(memory, Memory::default());
}

#[test]
fn learning_a_document_again_replaces_what_it_taught() {
    let letter = paper("scan_01.pdf", FIRST_LETTER, Some("de"));
    let next = paper("scan_02.pdf", SECOND_LETTER, Some("de"));
    let mut memory = Memory::default();
    memory.learn(&example(1, letter, &[CLUB], &[]));
    memory.learn(&example(1, letter, &[OTHER], &[CLUB]));
    assert_eq!(memory.len(), 1);
    let proposals = propose_topics(&next, &club_topics(), Some(&memory));
    assert!(
        confidence(&proposals, OTHER) >= APPLY_THRESHOLD,
        "{proposals:?}"
    );
    assert!(
        confidence(&proposals, CLUB) < SUGGEST_THRESHOLD,
        "{proposals:?}"
    );
}

const PARTS: usize = 6;

/// Proposals for every paper by a memory that knows only the papers of the other parts.
fn proposals_for_unseen(
    library: &Library,
    ids: &[Vec<Uuid>],
    topics: &[Topic<'_>],
) -> Vec<Vec<TopicProposal>> {
    let all = library_examples(library, ids);
    let memories: Vec<Memory> = (0..PARTS)
        .map(|part| {
            Memory::train(
                all.iter()
                    .enumerate()
                    .filter(|(index, _)| index % PARTS != part)
                    .map(|(_, example)| *example),
            )
        })
        .collect();
    library
        .papers
        .iter()
        .enumerate()
        .map(|(index, paper)| {
            propose_topics(&paper.paper(), topics, Some(&memories[index % PARTS]))
        })
        .collect()
}

/// Topics applied, those of them that are right, right ones among the first three, and all that would be right.
fn counts(proposals: &[Vec<TopicProposal>], ids: &[Vec<Uuid>]) -> (usize, usize, usize, usize) {
    let mut counts = (0, 0, 0, 0);
    for (proposals, wanted) in proposals.iter().zip(ids) {
        for (place, proposal) in proposals.iter().enumerate() {
            let (sure, right) = (
                proposal.confidence >= APPLY_THRESHOLD,
                wanted.contains(&proposal.topic),
            );
            if sure && !right {
                println!(
                    "wrongly sure: {} at {:.2}, {:?}",
                    starter_topic_list().key_of(proposal.topic),
                    proposal.confidence,
                    proposal.reasons
                );
            }
            counts.0 += usize::from(sure);
            counts.1 += usize::from(sure && right);
            counts.2 += usize::from(right && place < 3);
        }
        counts.3 += wanted.len();
    }
    counts
}

/// Everything must come from the other papers where a topic has no key and no telling name.
#[test]
fn nameless_topics_are_learned_from_the_other_papers() {
    let library = Library::load();
    let ids = topic_ids(&library);
    let list = starter_topic_list();
    let nameless: Vec<Topic<'_>> = list
        .borrowed()
        .into_iter()
        .map(|topic| Topic {
            name: "—",
            starter_key: None,
            ..topic
        })
        .collect();
    let (applied, right, shown, wanted) =
        counts(&proposals_for_unseen(&library, &ids, &nameless), &ids);
    println!(
        "nameless topics, unseen papers: {right} of {applied} applied are right, {shown} of {wanted} are among the first three"
    );
    assert!(right * 100 >= applied * 90);
    assert!(shown * 100 >= wanted * 80);
}

#[test]
fn learning_does_not_spoil_what_was_known() {
    let library = Library::load();
    let (ids, list) = (topic_ids(&library), starter_topic_list());
    let (applied, right, shown, wanted) = counts(
        &proposals_for_unseen(&library, &ids, &list.borrowed()),
        &ids,
    );
    println!(
        "starter topics, unseen papers: {right} of {applied} applied are right, {shown} of {wanted} are among the first three"
    );
    assert!(right * 100 >= applied * 95);
    assert!(right * 100 >= wanted * 90);
    assert!(shown * 100 >= wanted * 95);
}

#[test]
fn correspondents_are_known_again_by_their_keys() {
    let bill = "Rechnung\nNr. 1\nUSt-IdNr. DE274811930\nBitte überweisen Sie auf DE89 3704 0044 0532 0130 00";
    let next = "Mahnung\nUSt-IdNr. DE274811930\noffener Betrag 12,00";
    let own_account =
        "Andere Sache\nwww.talblick.example\nwir buchen von DE89 3704 0044 0532 0130 00 ab";
    let mut memory = Memory::default();
    let named = Example {
        correspondent: Some("Maler Huber"),
        ..example(1, paper("a.pdf", bill, Some("de")), &[], &[])
    };
    memory.learn(&named);
    let found = |text: &str| {
        find_correspondent(&paper("b.pdf", text, Some("de")), Some(&memory))
            .map(|finding| finding.value)
    };
    assert_eq!(found(next).as_deref(), Some("Maler Huber"));
    assert_eq!(
        found(own_account),
        None,
        "an account alone does not outweigh another sender's domain"
    );
}

#[test]
fn a_topic_works_by_its_own_name() {
    let topics = [
        Topic {
            id: CLUB,
            name: "Segelboot Aurora",
            starter_key: None,
        },
        Topic {
            id: OTHER,
            name: "Rechnungen",
            starter_key: None,
        },
    ];
    let text = "Hafenmeisterei Nordkai\nLiegeplatz für das Segelboot Aurora\nSehr geehrte Frau Brandt,\nIhr Boot liegt ab Mai an Steg 4.";
    let proposals = propose_topics(&paper("brief.pdf", text, Some("de")), &topics, None);
    assert!(
        confidence(&proposals, CLUB) >= APPLY_THRESHOLD,
        "{proposals:?}"
    );
    let bill = propose_topics(
        &paper(
            "x.pdf",
            "Stromrechnung\nRechnungsdatum 1.2.2025\nZahlbar bis 1.3.2025",
            Some("de"),
        ),
        &topics,
        None,
    );
    assert!(
        confidence(&bill, OTHER) >= APPLY_THRESHOLD,
        "a name that means a starter topic brings its words: {bill:?}"
    );
}

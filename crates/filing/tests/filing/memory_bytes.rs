//! A memory survives its bytes, and no other bytes do harm.

use docuvault_filing::{Memory, MemoryError, propose_topics};

use crate::library::{Library, library_examples, starter_topic_list, topic_ids};

#[test]
fn training_is_deterministic_and_survives_bytes() {
    let library = Library::load();
    let ids = topic_ids(&library);
    let memory = Memory::train(library_examples(&library, &ids));
    assert_eq!(memory, Memory::train(library_examples(&library, &ids)));
    let bytes = memory.to_bytes();
    let restored = Memory::from_bytes(&bytes).unwrap();
    assert_eq!(restored, memory);
    assert_eq!(restored.to_bytes(), bytes);
    println!("{} papers take {} bytes", memory.len(), bytes.len());
    assert!(
        bytes.len() < 1200 * memory.len(),
        "{} bytes for {} papers",
        bytes.len(),
        memory.len()
    );
}

#[test]
fn damaged_bytes_are_refused() {
    let library = Library::load();
    let ids = topic_ids(&library);
    let bytes = Memory::train(library_examples(&library, &ids).into_iter().take(12)).to_bytes();
    assert_eq!(
        Memory::from_bytes(b"").unwrap_err(),
        MemoryError::NotAMemory
    );
    assert_eq!(
        Memory::from_bytes(b"PK\x03\x04 something else").unwrap_err(),
        MemoryError::NotAMemory
    );
    let mut other_version = bytes.clone();
    other_version[3] = 99;
    assert_eq!(
        Memory::from_bytes(&other_version).unwrap_err(),
        MemoryError::OtherVersion(99)
    );
    for length in 4..bytes.len() {
        assert_eq!(
            Memory::from_bytes(&bytes[..length]).unwrap_err(),
            MemoryError::Damaged,
            "cut at {length}"
        );
    }
    // Any other change must end in a memory or an error, never in a panic.
    for position in (4..bytes.len()).step_by(3) {
        let mut changed = bytes.clone();
        changed[position] = !changed[position];
        let _either = Memory::from_bytes(&changed).map(|memory| {
            propose_topics(
                &library.papers[0].paper(),
                &starter_topic_list().borrowed(),
                Some(&memory),
            )
        });
    }
}

//! OLE files, in which the Office programs of before 2007 and Outlook keep documents, as far as they may lie about themselves.

use std::io::Cursor;

use cfb::CompoundFile;
use docuvault_extract::protocol::Failure;

/// Where the header counts the sectors that list sectors, and where those that list the small ones.
const COUNTS_AT: [usize; 2] = [44, 64];
const LEAST_SECTOR_BYTES: usize = 512;

/// Refuses a file that counts more sectors than it has, for which the parser of sheets would make room, or that leads it
/// in circles.
pub fn check(bytes: &[u8]) -> Result<(), Failure> {
    let sectors = bytes.len() / LEAST_SECTOR_BYTES;
    let is_counted = COUNTS_AT.into_iter().all(|position| {
        let count = bytes
            .get(position..position + 4)
            .and_then(|count| count.try_into().ok())
            .map(u32::from_le_bytes);
        count.is_some_and(|count| count as usize <= sectors)
    });
    if is_counted && CompoundFile::open(Cursor::new(bytes)).is_ok() {
        Ok(())
    } else {
        Err(Failure::Damaged)
    }
}

//! The pages of a TIFF file, which fax machines and scanners write many of into one.

/// A picture file, page by page: a file of any other format is one page.
pub struct Pages {
    bytes: Vec<u8>,
    offsets: Vec<u32>,
}

impl Pages {
    /// As many pages as there are, up to the limit.
    pub fn of(bytes: Vec<u8>, limit: u32) -> Self {
        let offsets = page_offsets(&bytes, limit);
        Self { bytes, offsets }
    }

    pub fn count(&self) -> u32 {
        (self.offsets.len() as u32).max(1)
    }

    /// The file as decoders, which only look at the first page, are to see it for the page of this number, counted from 1.
    pub fn page(&mut self, number: u32) -> &[u8] {
        if let Some(offset) = self.offsets.get(number.saturating_sub(1) as usize) {
            put_first(&mut self.bytes, *offset);
        }
        &self.bytes
    }
}

/// Where the directory of each page begins, in order, up to the limit.
fn page_offsets(bytes: &[u8], limit: u32) -> Vec<u32> {
    let mut offsets: Vec<u32> = Vec::new();
    let mut next = read_u32(bytes, 4);
    while let Some(offset) = next.filter(|offset| *offset != 0) {
        if offsets.len() >= limit as usize || offsets.contains(&offset) {
            break;
        }
        let start = offset as usize;
        let Some(entries) = read_u16(bytes, start) else {
            break;
        };
        offsets.push(offset);
        next = read_u32(bytes, start + 2 + 12 * usize::from(entries));
    }
    offsets
}

/// Makes the page that begins there the first one.
fn put_first(bytes: &mut [u8], offset: u32) {
    let raw = if is_little_endian(bytes) {
        offset.to_le_bytes()
    } else {
        offset.to_be_bytes()
    };
    if let Some(place) = bytes.get_mut(4..8) {
        place.copy_from_slice(&raw);
    }
}

fn is_little_endian(bytes: &[u8]) -> bool {
    bytes.starts_with(b"II")
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    let raw = *bytes.get(at..)?.first_chunk()?;
    Some(if is_little_endian(bytes) {
        u16::from_le_bytes(raw)
    } else {
        u16::from_be_bytes(raw)
    })
}

/// `None` also for the large variant of the format, whose offsets are wider.
fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    if read_u16(bytes, 2) != Some(42) {
        return None;
    }
    let raw = *bytes.get(at..)?.first_chunk()?;
    Some(if is_little_endian(bytes) {
        u32::from_le_bytes(raw)
    } else {
        u32::from_be_bytes(raw)
    })
}

#[cfg(test)]
mod tests {
    use super::{Pages, page_offsets};

    /// Two pages without entries, the second of which points back to the first.
    const LOOP: &[u8] = b"II*\0\x08\0\0\0\0\0\x0e\0\0\0\0\0\x08\0\0\0";

    #[test]
    fn follows_the_chain_once() {
        assert_eq!(page_offsets(LOOP, 9), [8, 14]);
        assert_eq!(page_offsets(LOOP, 1), [8]);
        assert_eq!(page_offsets(b"MM\0*\0\0\0\x08", 9), [0; 0]);
        assert_eq!(page_offsets(b"II", 9), [0; 0]);
    }

    #[test]
    fn any_page_can_be_the_first() {
        let mut pages = Pages::of(LOOP.to_vec(), 9);
        assert_eq!(pages.count(), 2);
        assert_eq!(page_offsets(pages.page(2), 9), [14, 8]);
        assert_eq!(page_offsets(pages.page(1), 9), [8, 14]);
        assert_eq!(Pages::of(b"no TIFF file".to_vec(), 9).count(), 1);
    }
}

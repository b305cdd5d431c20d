//! What a reading has come to so far, told while the child is still at work.

use crate::protocol::{Header, take_header, take_page};
use crate::reading::PageText;

/// How far a reading is. The page is already clean; only the whole reading keeps to the limits on text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Pages of the document.
    pub page_count: u32,
    /// Pages whose text is read, or which were found to have none.
    pub pages_done: u32,
    /// Pages that are known from now on: the first of a long document, those that hold text where others must be recognised, or
    /// one just recognised.
    pub pages: Vec<PageText>,
}

/// Finds whole frames in the output of a child as it grows. What is no frame ends its interest: judging the answer
/// is for the one who parses it whole.
pub(crate) struct Watcher<F> {
    on_progress: F,
    seen_bytes: usize,
    wanted_bytes: usize,
    page_count: u32,
    pages_done: u32,
    is_over: bool,
}

impl<F: FnMut(Progress)> Watcher<F> {
    pub fn new(on_progress: F) -> Self {
        Self {
            on_progress,
            seen_bytes: 0,
            wanted_bytes: 4,
            page_count: 0,
            pages_done: 0,
            is_over: false,
        }
    }

    /// Tells of every frame that has become whole since the last look.
    pub fn look_at(&mut self, output: &[u8]) {
        while !self.is_over && output.len() >= self.wanted_bytes {
            let fresh = output.get(self.seen_bytes..).unwrap_or_default();
            match self.take_frame(fresh) {
                Some(Taken::Frame(bytes)) => {
                    self.seen_bytes += bytes;
                    self.wanted_bytes = self.seen_bytes + 4;
                }
                Some(Taken::Needs(bytes)) => self.wanted_bytes = self.seen_bytes + bytes,
                None => self.is_over = true,
            }
        }
    }

    fn take_frame(&mut self, fresh: &[u8]) -> Option<Taken> {
        let length = u32::from_be_bytes(*fresh.first_chunk()?) as usize;
        let head_bytes = length.checked_add(4)?;
        if fresh.len() < head_bytes {
            return Some(Taken::Needs(head_bytes));
        }
        let mut rest = fresh;
        let header = take_header(&mut rest)?;
        let frame_bytes = head_bytes.checked_add(body_bytes(&header))?;
        if fresh.len() < frame_bytes {
            return Some(Taken::Needs(frame_bytes));
        }
        self.tell(&header, rest)?;
        Some(Taken::Frame(frame_bytes))
    }

    /// `None` once nothing more is to be told.
    fn tell(&mut self, header: &Header, mut body: &[u8]) -> Option<()> {
        let pages = match header {
            Header::Preview { page_count, page } => {
                self.page_count = *page_count;
                vec![take_page(&mut body, page)?]
            }
            Header::Text(text) => {
                self.page_count = text.page_count;
                self.pages_done = text.page_count.saturating_sub(text.scan_count);
                // Without scans the whole reading follows at once.
                let told = text.pages.iter().filter(|_| text.scan_count > 0);
                told.map(|page| take_page(&mut body, page))
                    .collect::<Option<_>>()?
            }
            Header::Recognised(page) => {
                self.count_page();
                vec![take_page(&mut body, page)?]
            }
            Header::NothingRecognised { .. } => {
                self.count_page();
                Vec::new()
            }
            Header::Complete(_)
            | Header::Thumbnail { .. }
            | Header::Attachment { .. }
            | Header::Failed(_) => return None,
        };
        (self.on_progress)(Progress {
            page_count: self.page_count,
            pages_done: self.pages_done,
            pages,
        });
        Some(())
    }

    fn count_page(&mut self) {
        self.pages_done = self.pages_done.saturating_add(1).min(self.page_count);
    }
}

enum Taken {
    /// A whole frame of this length.
    Frame(usize),
    /// The frame will be at least this long.
    Needs(usize),
}

fn body_bytes(header: &Header) -> usize {
    match header {
        Header::Preview { page, .. } | Header::Recognised(page) => page.bytes as usize,
        Header::Text(text) => text
            .pages
            .iter()
            .fold(0, |sum, page| sum + page.bytes as usize),
        Header::Thumbnail { bytes, .. } | Header::Attachment { bytes, .. } => *bytes as usize,
        Header::NothingRecognised { .. } | Header::Complete(_) | Header::Failed(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, Watcher};
    use crate::protocol::{
        Completion, write_completion, write_nothing_recognised, write_preview, write_recognised,
        write_text,
    };
    use crate::reading::{PageText, Properties, TextSource};

    fn page(number: u32, text: &str) -> PageText {
        PageText {
            number,
            text: text.to_owned(),
            source: TextSource::Text,
            confidence: None,
        }
    }

    fn answer() -> Vec<u8> {
        let mut answer = Vec::new();
        write_preview(&mut answer, 4, &page(1, "first")).unwrap();
        let pages = [page(1, "first"), page(2, "second")];
        write_text(
            &mut answer,
            "application/pdf",
            4,
            2,
            &Properties::default(),
            &pages,
        )
        .unwrap();
        write_recognised(&mut answer, &page(3, "third\0")).unwrap();
        write_nothing_recognised(&mut answer, 4).unwrap();
        write_completion(&mut answer, &Completion::default()).unwrap();
        answer
    }

    fn told(pages_done: u32, pages: &[PageText]) -> Progress {
        Progress {
            page_count: 4,
            pages_done,
            pages: pages.to_vec(),
        }
    }

    #[test]
    fn each_page_is_told_once_however_the_output_arrives() {
        let answer = answer();
        for step in [1, 7, 64, answer.len()] {
            let mut seen = Vec::new();
            let mut watcher = Watcher::new(|progress| seen.push(progress));
            for end in (step..answer.len()).step_by(step).chain([answer.len()]) {
                watcher.look_at(&answer[..end]);
            }
            let expected = [
                told(0, &[page(1, "first")]),
                told(2, &[page(1, "first"), page(2, "second")]),
                told(3, &[page(3, "third")]),
                told(4, &[]),
            ];
            assert_eq!(seen, expected, "in steps of {step}");
        }
    }

    #[test]
    fn nonsense_is_not_told() {
        for output in [&b"\xff\xff\xff\xff{}"[..], b"\0\0\0\x02{}", b"no frames"] {
            let mut watcher = Watcher::new(|progress| panic!("{progress:?}"));
            watcher.look_at(output);
            watcher.look_at(&[output, output].concat());
        }
    }
}

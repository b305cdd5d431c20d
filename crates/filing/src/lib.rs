//! Files documents on the device: topics, dates, correspondents and titles.

//! Counts what was answered, how, and how quickly: for the metrics. By route pattern, so that nothing of anyone's is in it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{Method, StatusCode};

/// Upper bounds of the times that are told apart, in seconds.
pub const BOUNDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub method: &'static str,
    pub route: String,
    pub status: u16,
}

/// How long the answers of a route took to begin.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// One for each of [`BOUNDS`], each without those below it.
    pub within: [u64; BOUNDS.len()],
    pub count: u64,
    pub sum_seconds: f64,
}

#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub answers: BTreeMap<Answer, u64>,
    pub times: BTreeMap<String, Times>,
    /// Error answers by their code.
    pub problems: BTreeMap<&'static str, u64>,
}

#[derive(Default)]
pub struct RequestFigures(Mutex<Counted>);

impl RequestFigures {
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let answer = Answer {
            method: name_of(method),
            route: route.to_owned(),
            status: status.as_u16(),
        };
        let seconds = took.as_secs_f64();
        let mut counted = self.lock();
        *counted.answers.entry(answer).or_default() += 1;
        let times = counted.times.entry(route.to_owned()).or_default();
        times.count += 1;
        times.sum_seconds += seconds;
        if let Some(place) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            times.within[place] += 1;
        }
    }

    pub fn count_problem(&self, code: &'static str) {
        *self.lock().problems.entry(code).or_default() += 1;
    }

    pub fn so_far(&self) -> Counted {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clients can make up methods; those share a name.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_counts_once_under_the_bound_it_kept() {
        let figures = RequestFigures::default();
        for millis in [1, 5, 6, 40_000] {
            let took = Duration::from_millis(millis);
            figures.count(&Method::GET, "/a/{id}", StatusCode::OK, took);
        }
        let made_up = Method::from_bytes(b"MADE-UP").unwrap();
        figures.count(&made_up, "/a/{id}", StatusCode::OK, Duration::ZERO);
        figures.count_problem("not_found");
        let counted = figures.so_far();
        assert_eq!(counted.answers.values().collect::<Vec<_>>(), [&4, &1]);
        let times = &counted.times["/a/{id}"];
        assert_eq!((times.within[0], times.within[1], times.count), (3, 1, 5));
        assert!(times.sum_seconds > 40.0);
        assert_eq!(counted.problems["not_found"], 1);
    }
}

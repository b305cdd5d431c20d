//! The plans that PostgreSQL's `auto_explain` reports, heard as notices on the application's own connections.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// What makes PostgreSQL report every plan, and take an index wherever there is one to take.
pub const REPORTING: [(&str, &str); 7] = [
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_nested_statements", "on"),
    ("auto_explain.log_format", "json"),
    ("auto_explain.log_level", "notice"),
    ("client_min_messages", "notice"),
    ("enable_seqscan", "off"),
];

/// Hears the plans of this thread's connections for as long as it lives.
pub struct Plans {
    heard: Arc<Mutex<Vec<Plan>>>,
    _listening: DefaultGuard,
}

impl Plans {
    pub fn listen() -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Listener(Arc::clone(&heard)));
        Self {
            heard,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// The plans since the last time.
    pub fn taken(&self) -> Vec<Plan> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

struct Listener(Arc<Mutex<Vec<Plan>>>);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            let mut message = Message::default();
            event.record(&mut message);
            if let Some(plan) = Plan::parse(&message.0) {
                self.0.lock().unwrap().push(plan);
            }
        }
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }
}

/// One statement and how PostgreSQL went about it.
pub struct Plan {
    statement: String,
    root: Value,
}

impl Plan {
    /// Reads `duration: .. ms  plan:` and JSON.
    fn parse(notice: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(notice.split_once("plan:")?.1).ok()?;
        Some(Self {
            statement: json["Query Text"].as_str()?.to_owned(),
            root: json["Plan"].clone(),
        })
    }

    /// Whether it looks into a table.
    pub fn reads(&self, table: &str) -> bool {
        self.nodes().any(|node| node["Relation Name"] == table)
    }

    /// Reads of a whole table, or of a whole index, which is no better.
    pub fn unbounded_scans(&self) -> Vec<String> {
        let needless = super::LOOKS_AT_ONE_ROW
            .iter()
            .any(|(statement, _)| self.statement.contains(statement));
        let unbounded = self.nodes().filter(|node| {
            let kind = node["Node Type"].as_str().unwrap_or_default();
            let by_index = ["Index Scan", "Index Only Scan", "Bitmap Index Scan"].contains(&kind);
            let short = super::SHORT
                .iter()
                .any(|(index, _)| node["Index Name"] == *index);
            kind == "Seq Scan" || (by_index && node.get("Index Cond").is_none() && !short)
        });
        let described = unbounded.map(|node| {
            let by = node
                .get("Index Name")
                .map(|index| format!(" by {index}"))
                .unwrap_or_default();
            let on = node
                .get("Relation Name")
                .map(|table| format!(" on {table}"))
                .unwrap_or_default();
            format!(
                "{}{by}{on}: {}",
                node["Node Type"].as_str().unwrap_or_default(),
                self.statement
            )
        });
        if needless {
            Vec::new()
        } else {
            described.collect()
        }
    }

    /// Whether it puts documents into order after reading them.
    pub fn sorts_documents(&self) -> bool {
        let sorts = self.nodes().filter(|node| {
            node["Node Type"]
                .as_str()
                .is_some_and(|kind| kind.contains("Sort"))
        });
        sorts
            .flat_map(below)
            .any(|node| node["Relation Name"] == "documents")
    }

    fn nodes(&self) -> impl Iterator<Item = &Value> {
        below(&self.root)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{:#}", self.statement, self.root)
    }
}

/// A node and all nodes below it.
fn below(node: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    let children = node["Plans"].as_array().into_iter().flatten();
    Box::new(std::iter::once(node).chain(children.flat_map(below)))
}

//! The topics a new vault begins with, in its owner's language.

use super::store;
use crate::{
    db::{TopicId, UserTx},
    http::Problem,
};

pub async fn create_starter_topics(tx: &mut UserTx, locale: &str) -> Result<(), Problem> {
    for topic in docuvault_filing::starter_topics(locale) {
        store::insert_topic(tx, TopicId::new(), topic.name, topic.color, Some(topic.key)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn starter_topics_have_colours_the_page_knows() {
        for locale in ["en", "de"] {
            for topic in docuvault_filing::starter_topics(locale) {
                assert!(
                    super::super::TOPIC_COLORS.contains(&topic.color),
                    "{}",
                    topic.color
                );
            }
        }
    }
}

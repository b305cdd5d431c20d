//! A store that believes everything: each thing it lets through is found.

use docuvault_storage::s3::acceptance::{
    AcceptanceOptions, Finding, Verdict, finding_ids, test_store,
};
use docuvault_test_stores::{Guard, LaxStore, Manners, SECRET_KEY};

use crate::{ORIGIN, config, faults, keys, tested};

fn store(manners: Manners) -> LaxStore {
    LaxStore::start(manners).unwrap()
}

#[tokio::test]
async fn sec_obj_01_a_store_that_checks_nothing_is_found_out_in_everything() {
    let store = store(Manners::default());
    let mut config = config(&store.endpoint(), "us-east-1");
    config.upload_keys = Some(keys("uploads", SECRET_KEY));
    config.download_keys = Some(keys("downloads", SECRET_KEY));
    let acceptance = tested(&config).await;
    let found: Vec<_> = acceptance.unsafe_findings().map(|f| f.id).collect();
    assert_eq!(
        found,
        [
            "unsigned-read",
            "unsigned-write",
            "unsigned-list",
            "unsigned-delete",
            "wrong-secret",
            "other-method",
            "other-key",
            "expired",
            "unsigned-header",
            "unsigned-copy",
            "unsigned-trailer",
            "unsigned-trailer-authorization",
            "unsigned-trailer-part",
            "unsigned-archive",
            "longer-body",
            "shorter-body",
            "part-length",
            "part-after-complete",
            "upload-key",
            "download-key",
        ]
    );
    assert!(!acceptance.features.if_none_match && !acceptance.features.checksum_sha256);
    assert_eq!(store.keys(), [""; 0], "what was made is removed");
    let known: Vec<&str> = acceptance.findings.iter().map(|f| f.id).collect();
    let untried: Vec<_> = finding_ids()
        .iter()
        .filter(|id| !known.contains(id))
        .collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[tokio::test]
async fn sec_obj_10_what_is_open_to_anyone_is_found_out() {
    let store = store(Manners::default());
    let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
    let faults = faults(&acceptance);
    for id in [
        "unsigned-read",
        "unsigned-write",
        "unsigned-list",
        "unsigned-delete",
    ] {
        assert_eq!(faults[id], Verdict::Unsafe, "{id}");
    }
    assert_eq!(faults["keys-apart"], Verdict::Lacking, "none were given");
    assert!(
        !faults.contains_key("upload-key"),
        "there is none to be judged"
    );
}

/// As MinIO with the proxy before it: what the proxy refuses is not let through, and what it cannot know still is.
#[tokio::test]
async fn sec_obj_01_the_proxy_of_deploy_ends_the_known_forgeries() {
    let store = store(Manners::default());
    let Some(guard) = Guard::before(&store.endpoint()).unwrap() else {
        println!("there is no nginx on this machine");
        return;
    };
    let mut config = config(&store.endpoint(), "us-east-1");
    config.public_endpoint = guard.endpoint().parse().unwrap();
    let acceptance = tested(&config).await;
    let found: Vec<_> = acceptance.unsafe_findings().map(|f| f.id).collect();
    assert_eq!(
        found,
        [
            "wrong-secret",
            "other-method",
            "other-key",
            "expired",
            "unsigned-header",
            "longer-body",
            "shorter-body",
            "part-length",
            "part-after-complete",
        ]
    );
    assert!(acceptance.can_be_used(), "{acceptance:#?}");
}

#[tokio::test]
async fn every_fault_says_what_to_do_and_no_secret() {
    let store = store(Manners::default());
    let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
    for finding in &acceptance.findings {
        let is_well = finding.verdict == Verdict::Enforced;
        assert_eq!(finding.advice.is_empty(), is_well, "{finding:?}");
        let words = format!("{finding:?}");
        assert!(
            !words.contains("X-Amz") && !words.contains(SECRET_KEY),
            "{words}"
        );
        assert!(finding.what.ends_with('.'), "{words}");
    }
}

#[tokio::test]
async fn a_store_without_rules_for_pages_is_told_apart_from_an_unsafe_one() {
    let store = store(Manners {
        without_cors: true,
        ..Manners::default()
    });
    let faults = faults(&tested(&config(&store.endpoint(), "us-east-1")).await);
    assert_eq!(faults["browser-upload"], Verdict::Broken);
    assert_eq!(faults["browser-download"], Verdict::Broken);
    assert!(!faults.contains_key("foreign-origin"));
}

#[tokio::test]
async fn keys_that_are_refused_end_the_test_at_once() {
    let store = store(Manners {
        refuses_all: true,
        ..Manners::default()
    });
    let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
    assert!(!acceptance.can_be_used());
    let own_key = acceptance.findings.last().unwrap();
    assert_eq!((own_key.id, own_key.verdict), ("own-key", Verdict::Broken));
    assert!(own_key.what.contains("403"), "{own_key:?}");
    assert!(
        acceptance.findings.len() <= 2,
        "no verdict on what was not tried"
    );
}

#[tokio::test]
async fn a_clock_that_differs_is_told() {
    for (ahead, verdict) in [
        (5, Verdict::Enforced),
        (120, Verdict::Lacking),
        (3600, Verdict::Broken),
    ] {
        let store = store(Manners {
            clock_ahead_seconds: ahead,
            ..Manners::default()
        });
        let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
        let is_clock = |finding: &&Finding| finding.id == "clock";
        assert_eq!(
            acceptance.findings.iter().find(is_clock).unwrap().verdict,
            verdict,
            "{ahead}"
        );
    }
}

#[tokio::test]
async fn a_checksum_that_is_refused_after_storing_is_not_relied_on() {
    let store = store(Manners {
        stores_before_checking: true,
        ..Manners::default()
    });
    let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
    let is_checksum = |finding: &&Finding| finding.id == "checksum";
    let checksum = acceptance.findings.iter().find(is_checksum).unwrap();
    assert!(!acceptance.features.checksum_sha256);
    assert!(checksum.what.contains("all the same"), "{checksum:?}");
}

#[tokio::test]
async fn a_store_that_writes_once_is_relied_on() {
    let store = store(Manners {
        writes_once: true,
        ..Manners::default()
    });
    let acceptance = tested(&config(&store.endpoint(), "us-east-1")).await;
    assert!(acceptance.features.if_none_match, "{acceptance:#?}");
}

#[tokio::test]
async fn what_is_found_unsafe_must_be_found_twice() {
    let store = store(Manners {
        loses_one: true,
        ..Manners::default()
    });
    let config = config(&store.endpoint(), "us-east-1");
    let options = AcceptanceOptions::default();
    let error = test_store(&config, &options).await.unwrap_err();
    assert!(error.to_string().contains("differently"), "{error}");
    let acceptance = test_store(&config, &options).await.unwrap();
    assert!(
        acceptance
            .unsafe_findings()
            .all(|finding| finding.id != "unsigned-delete")
    );
}

#[tokio::test]
async fn a_page_of_https_cannot_send_to_a_store_of_http() {
    let store = store(Manners::default());
    let options = AcceptanceOptions {
        origin: Some("https://vault.example.org".to_owned()),
    };
    let config = config(&store.endpoint(), "us-east-1");
    let acceptance = test_store(&config, &options).await.unwrap();
    assert_eq!(faults(&acceptance)["https"], Verdict::Broken);
    assert!(
        !faults(&tested(&config).await).contains_key("https"),
        "{ORIGIN}"
    );
}

#[tokio::test]
async fn a_public_address_that_leads_nowhere_is_told_and_the_rest_tried_inside() {
    let store = store(Manners::default());
    let mut config = config(&store.endpoint(), "us-east-1");
    config.public_endpoint = "http://127.0.0.1:9".parse().unwrap();
    let faults = faults(&tested(&config).await);
    assert_eq!(faults["public-endpoint"], Verdict::Broken);
    assert_eq!(faults["unsigned-write"], Verdict::Unsafe);
    assert!(
        !faults.contains_key("browser-upload"),
        "nothing is known of that"
    );
}

#[tokio::test]
async fn a_store_that_is_away_has_no_findings() {
    let mut config = config("http://127.0.0.1:9", "us-east-1");
    config.keys = keys("some-key", SECRET_KEY);
    let error = test_store(&config, &AcceptanceOptions::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        !error.contains("some-key") && !error.contains("X-Amz"),
        "{error}"
    );
}

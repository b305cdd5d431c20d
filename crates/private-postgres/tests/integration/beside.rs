//! Commands beside the copy that looks after the cluster.

use docuvault_private_postgres::RunningCluster;
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};

use crate::sandbox::{APP, Sandbox};

#[tokio::test]
async fn a_cluster_that_is_looked_after_is_found_and_no_other() {
    let sandbox = Sandbox::new();
    let find = async || RunningCluster::find(&sandbox.settings()).await.unwrap();
    assert!(find().await.is_none(), "nothing is there");
    assert!(!sandbox.pg().exists(), "looking makes nothing");

    let cluster = sandbox.start().await.unwrap();
    let url = find().await.unwrap().url(APP).unwrap();
    assert_eq!(
        url.expose_secret(),
        cluster.url(APP).unwrap().expose_secret()
    );
    PgConnection::connect(url.expose_secret())
        .await
        .unwrap()
        .close()
        .await
        .unwrap();

    cluster.stop().await.unwrap();
    assert!(find().await.is_none(), "it was stopped");
}

#[tokio::test]
async fn a_server_that_outlived_its_copy_is_nobodys() {
    let sandbox = Sandbox::with_cluster().await;
    drop(sandbox.start().await.unwrap());
    assert!(
        RunningCluster::find(&sandbox.settings())
            .await
            .unwrap()
            .is_none(),
        "the next start adopts it"
    );
}

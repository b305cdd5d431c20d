//! tmp
use bytes::Bytes;
use docuvault_storage::*;
use futures::{StreamExt, stream};
use std::time::Instant;
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speed() {
    let root = tempfile::TempDir::new_in("/work").unwrap();
    let disk = LocalDisk::open(LocalDiskConfig { root: root.path().into(), free_space_floor_bytes: 0 }).await.unwrap();
    for _ in 0..3 {
        let key = ObjectKey::new(uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), "");
        let chunk = Bytes::from(vec![3u8; 64 * 1024]);
        let size = 1u64 << 30;
        let n = size / chunk.len() as u64;
        let t = Instant::now();
        let o = NewObject { key: key.clone(), size_bytes: size, expected_sha256: None, existing: Existing::Keep };
        disk.put_stream(&o, stream::iter(0..n).map(move |_| Ok(chunk.clone())).boxed()).await.unwrap();
        println!("put {} MB/s", 1073.7 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        let mut s = disk.get_stream(&key, None).await.unwrap().bytes;
        let mut c = 0; while let Some(b) = s.next().await { c += b.unwrap().len(); }
        println!("get {} MB/s {c}", 1073.7 / t.elapsed().as_secs_f64());
        disk.delete(&key).await.unwrap();
    }
}

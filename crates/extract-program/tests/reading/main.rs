//! Reads the documents in `fixtures/` with the real program in real child processes.

use std::fs::File;
use std::path::{Path, PathBuf};

use docuvault_extract::{ReadRequest, Reader};

#[tokio::test]
async fn explore() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(std::env::var("SUB").unwrap_or_default());
    let reader = Reader::locate(Some(Path::new(env!("CARGO_BIN_EXE_docuvault-extract")))).unwrap();
    println!("{:#?}", reader.sandbox_report().await);
    println!("{:#?}", reader.clone().without_ocr().sandbox_report().await);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_file())
        .collect();
    files.sort();
    for file in files {
        let start = std::time::Instant::now();
        let request = ReadRequest {
            extension: file.extension().map(|e| e.to_string_lossy().into_owned()),
            ocr_languages: vec!["en".into(), "de".into()],
            thumbnail_width_px: 480,
        };
        let reading = reader.read(File::open(&file).unwrap(), request).await;
        println!(
            "=== {} {:?}",
            file.file_name().unwrap().display(),
            start.elapsed()
        );
        match reading {
            Ok(mut r) => {
                let t = r.thumbnail.take();
                println!(
                    "{r:?} {:?}",
                    t.map(|t| {
                        std::fs::write(
                            format!(
                                "/tmp/ex/{}.{}",
                                file.file_name().unwrap().display(),
                                &t.content_type[6..]
                            ),
                            &t.bytes,
                        )
                        .unwrap();
                        (t.content_type, t.width, t.height, t.bytes.len())
                    })
                )
            }
            Err(e) => println!("ERR {e:?}"),
        }
    }
}

//! What a client sends cannot write lines of its own into the log.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::chaos::program::Program;

const NASTY: [&[u8]; 8] = [
    b"GET /%0a%0dforged%1b%5b31m HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET /api/v1/documents/%0aforged HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\nuser-agent: a\x1b[31mforged\x07\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\nuser-agent: \xc2\x9b31mforged\xe2\x80\xa8forged\r\n\r\n",
    b"FORGED\x1b[2J / HTTP/1.1\r\nhost: x\r\n\r\n",
    b"FORGED-METHOD /api/v1/me HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\nx-request-id: forged\r\nx-forwarded-for: forged\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{\"email\":\"a\\nforged\",\"password\":\"\\u001b\"}",
];

async fn log_of(format: &str) -> String {
    let mut program =
        Program::start_with(&[("DOCUVAULT_LOG", "trace"), ("DOCUVAULT_LOG_FORMAT", format)]).await;
    let addr = program.base_url.trim_start_matches("http://").to_owned();
    for request in NASTY {
        let mut stream = TcpStream::connect(&addr).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = [0; 100];
        assert!(stream.read(&mut answer).await.unwrap() > 0);
    }
    assert!(program.stop());
    program.log()
}

#[tokio::test]
async fn sec_log_03_no_request_forges_a_line() {
    for format in ["text", "json"] {
        let log = log_of(format).await;
        let mut lines = 0;
        for line in log.lines() {
            assert!(!line.chars().any(char::is_control), "{line:?}");
            // Two lines at start are for the terminal.
            if line.trim().is_empty() || line.trim().starts_with("DocuVault is ready") {
                continue;
            }
            lines += 1;
            if format == "json" {
                let line: serde_json::Value = serde_json::from_str(line).expect(line);
                assert!(line["timestamp"].is_string() && line["level"].is_string());
            } else {
                assert!(
                    line.starts_with("20") && line.as_bytes()[4] == b'-',
                    "{line:?}"
                );
            }
        }
        assert!(lines >= NASTY.len(), "{log}");
    }
}

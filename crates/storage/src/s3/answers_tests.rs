//! Answers as stores give them, and as they must not.

use proptest::prelude::*;

use super::*;

#[test]
fn namespaces_prefixes_and_root_names_do_not_matter() {
    for xml in [
        "<InitiateMultipartUploadResult><UploadId>a&amp;b</UploadId></InitiateMultipartUploadResult>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Initiated xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket/><UploadId>a&#38;b</UploadId></Initiated>",
        "<s3:X xmlns:s3=\"urn:x\"><s3:UploadId><![CDATA[a&b]]></s3:UploadId></s3:X>",
    ] {
        assert_eq!(upload_id(xml.as_bytes()).unwrap(), "a&b", "{xml}");
    }
}

#[test]
fn a_page_of_parts_is_read() {
    let xml = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>\
        <Part><PartNumber>1</PartNumber><ETag>&quot;abc&quot;</ETag><Size>5</Size></Part>\
        <Part><PartNumber>2</PartNumber><ETag>\"def\"</ETag><Size>6</Size></Part></ListPartsResult>";
    let page = parts(xml.as_bytes()).unwrap();
    assert_eq!(page.next, Some(2));
    let seen: Vec<_> = page
        .parts
        .iter()
        .map(|part| (part.number, part.size_bytes, part.etag.as_str()))
        .collect();
    assert_eq!(seen, [(1, 5, "abc"), (2, 6, "def")]);
}

#[test]
fn a_page_of_objects_is_read_whatever_their_names() {
    let xml = "<R><IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>\
        <Contents><Key>a/b%01%20c</Key><Size>7</Size><LastModified>2026-01-02T03:04:05.678Z</LastModified><Owner><ID>x</ID></Owner></Contents></R>";
    let page = objects(xml.as_bytes()).unwrap();
    assert_eq!(page.next_token.as_deref(), Some("t/+="));
    assert_eq!(page.objects[0].name, "a/b\u{1} c");
    assert_eq!(page.objects[0].size_bytes, 7);
}

#[test]
fn a_listing_that_breaks_off_without_a_way_on_is_no_listing() {
    assert!(objects(b"<R><IsTruncated>true</IsTruncated></R>").is_err());
    assert!(parts(b"<R><IsTruncated>true</IsTruncated></R>").is_err());
    assert!(uploads(b"<R><IsTruncated>true</IsTruncated></R>").is_err());
}

#[test]
fn an_error_inside_a_success_is_seen() {
    assert!(
        !is_success(b"  \n<?xml version=\"1.0\"?>\n  <Error><Code>InternalError</Code></Error>")
            .unwrap()
    );
    assert!(
        is_success(
            b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
        )
        .unwrap()
    );
    assert!(is_success(b"").is_err());
    assert_eq!(
        error_code(b"<ErrorResponse><Error><Code>SlowDown</Code></Error></ErrorResponse>")
            .as_deref(),
        Some("SlowDown")
    );
}

#[test]
fn what_was_cut_short_or_is_no_xml_is_refused() {
    for xml in [
        "",
        "   ",
        "nothing here",
        "<R>",
        "<R><UploadId>x</UploadId>",
        "<R><UploadId>x</UploadIdentity></R>",
        "<R><UploadId>x</R></UploadId>",
        "</R>",
        "<R><UploadId></UploadId></R>",
        "<R><UploadId>&whatever;</UploadId></R>",
        "<R><UploadId>&#xD800;</UploadId></R>",
        "{\"UploadId\":\"x\"}",
    ] {
        assert!(upload_id(xml.as_bytes()).is_err(), "{xml}");
    }
    assert!(upload_id(b"<R><UploadId>\xff</UploadId></R>").is_err());
}

#[test]
fn entities_of_its_own_depth_and_length_are_refused() {
    let laughs =
        "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><R><UploadId>&b;</UploadId></R>";
    assert!(
        matches!(upload_id(laughs.as_bytes()), Err(Trouble::Nonsense(text)) if text.contains("document type"))
    );
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(upload_id(deep.as_bytes()).is_err());
    let many = format!("<R>{}</R>", "<a/>".repeat(MOST_ELEMENTS + 1));
    assert!(upload_id(many.as_bytes()).is_err());
    let long = format!("<R><UploadId>{}</UploadId></R>", "x".repeat(LONGEST_ANSWER));
    assert!(upload_id(long.as_bytes()).is_err());
}

#[test]
fn no_refusal_repeats_the_answer() {
    let error = upload_id(b"<R><UploadId>secret</R>").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn arbitrary_markup_never_panics(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<", ">", "</", "/>", "<Error>", "</Error>", "<Code>", "</Code>", "<Contents>", "</Contents>", "<Key>", "</Key>",
                "<Size>", "</Size>", "9", "<IsTruncated>true</IsTruncated>", "<Part>", "</Part>", "<PartNumber>4294967296</PartNumber>",
                "<!DOCTYPE", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#0;", "&#x110000;", "&", ";", "%", "%ff", "\"", "<?xml", "?>", "\0", "é", " ",
            ]),
            0..60,
        ),
    ) {
        read_as_everything(pieces.concat().as_bytes());
    }
}

fn read_as_everything(bytes: &[u8]) {
    let _ = (error_code(bytes), upload_id(bytes), is_success(bytes));
    let _ = (
        parts(bytes).is_ok(),
        objects(bytes).is_ok(),
        uploads(bytes).is_ok(),
    );
}

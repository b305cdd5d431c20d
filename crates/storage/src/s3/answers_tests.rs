//! What stores answer, and what nobody should.

use proptest::prelude::*;

use super::*;

#[test]
fn names_count_and_namespaces_do_not() {
    for xml in [
        "<InitiateMultipartUpload><Bucket>b</Bucket><Key>k</Key><UploadId>7</UploadId></InitiateMultipartUpload>",
        "<?xml version=\"1.0\"?><s3:Result xmlns:s3=\"http://s3.amazonaws.com/doc/2006-03-01/\"><s3:UploadId>7</s3:UploadId></s3:Result>",
    ] {
        assert_eq!(upload_id(xml).unwrap(), "7");
    }
    assert!(upload_id("<R><UploadId/></R>").is_err());
}

#[test]
fn listings_are_read_with_owners_and_without() {
    let xml = "<ListBucketResult><Name>vault</Name><IsTruncated>true</IsTruncated>
        <Contents><Key>a&amp;b&#x21;</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;e&quot;</ETag><Size>12</Size>
        <Owner><ID>x</ID><DisplayName>y</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>
        <Contents><Key>c</Key><Size>0</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents></ListBucketResult>";
    let page = objects(xml).unwrap();
    assert!(!page.is_last);
    let names: Vec<_> = page
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.size_bytes))
        .collect();
    assert_eq!(names, [("a&b!", 12), ("c", 0)]);
}

#[test]
fn parts_and_uploads_are_read() {
    let xml = "<ListPartsResult><NextPartNumberMarker>2</NextPartNumberMarker><IsTruncated>false</IsTruncated>
        <Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><Size>5</Size></Part><Part><PartNumber>2</PartNumber><ETag>b</ETag><Size>6</Size></Part></ListPartsResult>";
    let page = parts(xml).unwrap();
    assert!(page.is_last && page.next == [("NextPartNumberMarker", "2".to_owned())]);
    assert_eq!(
        page.entries[0],
        StoredPart {
            number: 1,
            size_bytes: 5,
            etag: "a".to_owned()
        }
    );

    let xml = "<ListMultipartUploadsResult><Bucket>b</Bucket><Upload><Initiator><ID>i</ID></Initiator><Key>k</Key><UploadId>u</UploadId>
        <Initiated>2026-01-02T03:04:05Z</Initiated></Upload></ListMultipartUploadsResult>";
    let found = uploads(xml).unwrap().entries;
    assert_eq!(
        (found[0].name.as_str(), found[0].store_upload_id.as_str()),
        ("k", "u")
    );
}

#[test]
fn an_error_is_told_from_a_result() {
    assert_eq!(
        error_code("<Error><Code>SlowDown</Code><Key>secret</Key></Error>").unwrap(),
        "SlowDown"
    );
    assert_eq!(
        error_code(
            "<CompleteMultipartUploadResult><ETag>x</ETag><Location>l</Location></CompleteMultipartUploadResult>"
        ),
        None
    );
}

#[test]
fn bombs_and_fragments_are_no_answers() {
    let bomb =
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><R><UploadId>&b;</UploadId></R>";
    let entity = "<R><UploadId>&b;</UploadId></R>";
    let deep = "<a>".repeat(5000);
    for xml in [
        bomb,
        entity,
        &deep,
        "",
        "hello",
        "<R><UploadId>7",
        "<R><UploadId>7</UploadId>",
        "</R>",
        "<R>\u{0}</Q>",
    ] {
        assert!(upload_id(xml).is_err(), "{xml:.40}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_survived(xml in "(<[A-Za-z:/!?]{0,12}>?|&[#a-z0-9]{0,6};|[ -~]{0,12}|<Contents>|</Contents>|<Key>|</Key>){0,40}") {
        let _ = (error_code(&xml), upload_id(&xml).is_ok(), parts(&xml).is_ok(), objects(&xml).is_ok(), uploads(&xml).is_ok());
    }
}

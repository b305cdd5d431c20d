//! A picture in a PDF: a JPEG file as it came, others without loss (of eight bits for each colour), and those that lost something already as good JPEG.

use std::io::Cursor;

use docuvault_extract::Limits;
use docuvault_extract::protocol::Failure;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use lopdf::{Dictionary, Stream};

use crate::{picture, thumbnail};

const JPEG_QUALITY: u8 = 90;

/// A picture, and how it stands in a PDF.
pub struct PicturePage {
    pub picture: DynamicImage,
    pub stream: Stream,
}

pub fn picture_page(bytes: &[u8], limits: &Limits) -> Result<PicturePage, Failure> {
    let picture = picture::decode(bytes, limits)?;
    let stream = match jpeg_as_it_is(bytes) {
        Some(color) => jpeg(&picture, color, bytes.to_vec()),
        None if has_lost_something(bytes) => {
            let pixels = thumbnail::flatten(&picture);
            let encoded = thumbnail::encode_jpeg(&pixels, JPEG_QUALITY);
            jpeg(&picture, "DeviceRGB", encoded.ok_or(Failure::Damaged)?)
        }
        None => without_loss(&picture)?,
    };
    Ok(PicturePage { picture, stream })
}

/// The colours of a JPEG file that a PDF can show as it is: the right way up, grey or in colour.
fn jpeg_as_it_is(bytes: &[u8]) -> Option<&'static str> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    if reader.format() != Some(ImageFormat::Jpeg) {
        return None;
    }
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.orientation().ok()? != Orientation::NoTransforms {
        return None;
    }
    match decoder.original_color_type() {
        image::ExtendedColorType::L8 => Some("DeviceGray"),
        image::ExtendedColorType::Rgb8 => Some("DeviceRGB"),
        _ => None,
    }
}

fn has_lost_something(bytes: &[u8]) -> bool {
    // HEIC is no format of the library's.
    !matches!(
        image::guess_format(bytes),
        Ok(ImageFormat::Png | ImageFormat::Tiff | ImageFormat::Bmp | ImageFormat::Gif)
    )
}

fn jpeg(picture: &DynamicImage, colors: &str, bytes: Vec<u8>) -> Stream {
    let mut dictionary = image_dictionary(picture, colors);
    dictionary.set("Filter", "DCTDecode");
    Stream::new(dictionary, bytes).with_compression(false)
}

fn without_loss(picture: &DynamicImage) -> Result<Stream, Failure> {
    let is_grey = matches!(picture.color(), ColorType::L8 | ColorType::L16);
    let (colors, pixels) = if is_grey {
        ("DeviceGray", picture.to_luma8().into_raw())
    } else {
        ("DeviceRGB", thumbnail::flatten(picture).into_raw())
    };
    let mut stream = Stream::new(image_dictionary(picture, colors), pixels);
    stream.compress().map_err(super::damaged)?;
    Ok(stream)
}

fn image_dictionary(picture: &DynamicImage, colors: &str) -> Dictionary {
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", "XObject");
    dictionary.set("Subtype", "Image");
    dictionary.set("Width", i64::from(picture.width()));
    dictionary.set("Height", i64::from(picture.height()));
    dictionary.set("ColorSpace", colors);
    dictionary.set("BitsPerComponent", 8);
    dictionary
}

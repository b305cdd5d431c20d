//! A small picture of the first page, in whichever of two formats is smaller.

use std::io::Cursor;

use docuvault_extract::Thumbnail;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, RgbImage};

const JPEG_QUALITY: u8 = 80;
/// Taller pages (till receipts, long screenshots) are scaled to fit.
const MAX_HEIGHT_PER_WIDTH: u32 = 3;

/// Scales the picture to the width and encodes it.
pub fn encode(picture: DynamicImage, width_px: u32) -> Option<Thumbnail> {
    let max_height_px = width_px.saturating_mul(MAX_HEIGHT_PER_WIDTH);
    let fits = picture.width() <= width_px && picture.height() <= max_height_px;
    let picture = if fits {
        picture
    } else {
        picture.thumbnail(width_px, max_height_px)
    };
    let pixels = flatten(&picture);
    let (width, height) = pixels.dimensions();
    let [jpeg, webp] = [encode_jpeg(&pixels, JPEG_QUALITY), encode_webp(&pixels)];
    let (content_type, bytes) = match (jpeg, webp) {
        (Some(jpeg), Some(webp)) if webp.len() < jpeg.len() => ("image/webp", webp),
        (None, Some(webp)) => ("image/webp", webp),
        (jpeg, _) => ("image/jpeg", jpeg?),
    };
    Some(Thumbnail {
        content_type: content_type.to_owned(),
        width,
        height,
        bytes,
    })
}

/// The picture on white paper.
pub fn flatten(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture
        .to_rgba8()
        .as_raw()
        .chunks_exact(4)
        .zip(flat.chunks_exact_mut(3))
    {
        let alpha = u32::from(from[3]);
        for (channel, value) in to.iter_mut().zip(from) {
            *channel = ((u32::from(*value) * alpha + 255 * (255 - alpha)) / 255) as u8;
        }
    }
    flat
}

/// The picture as JPEG, of a quality from 1 to 100.
pub fn encode_jpeg(pixels: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(Cursor::new(&mut bytes), quality);
    pixels.write_with_encoder(encoder).ok()?;
    Some(bytes)
}

fn encode_webp(pixels: &RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = pixels.dimensions();
    WebPEncoder::new_lossless(Cursor::new(&mut bytes))
        .encode(pixels, width, height, ExtendedColorType::Rgb8)
        .ok()?;
    Some(bytes)
}

//! Pages of a PDF as pictures, never larger than asked whatever size the page claims to have.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use docuvault_extract::protocol::Failure;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{DynamicImage, GrayImage, RgbImage};

const POINTS_PER_INCH: f32 = 72.0;
const OCR_DPI: f32 = 300.0;
/// Longest side of a raster; `hayro` counts pixels in 16 bits.
const MAX_SIDE_PX: f32 = 16_000.0;
/// A page is blank when none of its pixels is darker than this.
const PAPER_GREY: u8 = 200;

/// A PDF that can be drawn.
pub struct Drawing {
    pdf: Pdf,
}

impl Drawing {
    /// Opens the document, with the password (often the empty one) if it is encrypted.
    pub fn open(bytes: &Arc<Vec<u8>>, password: &str) -> Result<Self, Failure> {
        let bytes = Arc::clone(bytes);
        match catch_unwind(AssertUnwindSafe(|| Pdf::new_with_password(bytes, password))) {
            Ok(Ok(pdf)) if !pdf.pages().is_empty() => Ok(Self { pdf }),
            Ok(Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected))) => {
                Err(Failure::Encrypted)
            }
            _ => Err(Failure::Damaged),
        }
    }

    /// Pages that can be drawn.
    pub fn page_count(&self) -> u32 {
        self.pdf.pages().len() as u32
    }

    /// The page about as wide as asked, for a thumbnail. Pages are counted from 0.
    pub fn draw_to_width(&self, page: u32, width_px: u32) -> Option<DynamicImage> {
        let (width, height) = self.page_size(page)?;
        // Drawn at double width and scaled down, small print stays recognisable.
        let scale = (2.0 * width_px as f32 / width).min(8.0 * width_px as f32 / height);
        let (width, height, rgba) = self.draw(page, scale)?;
        let rgb = rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8)
    }

    /// The page in grey at 300 dots per inch, or fewer if it would have too many pixels, and the dots per inch.
    /// `None` when it is blank or cannot be drawn.
    pub fn draw_for_ocr(&self, page: u32, max_pixels: u64) -> Option<(DynamicImage, f32)> {
        let (width, height) = self.page_size(page)?;
        let scale = (OCR_DPI / POINTS_PER_INCH).min((max_pixels as f32 / (width * height)).sqrt());
        let (width_px, height_px, rgba) = self.draw(page, scale)?;
        let grey: Vec<u8> = rgba.chunks_exact(4).map(luminance).collect();
        if grey.iter().all(|value| *value >= PAPER_GREY) {
            return None;
        }
        let picture = GrayImage::from_raw(width_px, height_px, grey)?;
        Some((DynamicImage::ImageLuma8(picture), scale * POINTS_PER_INCH))
    }

    /// From the pixels of the page drawn with that many dots per inch to the page's own coordinates.
    pub fn page_from_pixels(&self, page: u32, dpi: f32) -> Option<Affine> {
        let drawn = self.pdf.pages().get(page as usize)?.initial_transform(true);
        let scale = Affine::scale(f64::from(dpi / POINTS_PER_INCH));
        Some((scale * Affine::new(drawn.as_coeffs())).inverse())
    }

    fn page_size(&self, page: u32) -> Option<(f32, f32)> {
        let (width, height) = self.pdf.pages().get(page as usize)?.render_dimensions();
        (width.is_finite() && height.is_finite() && width >= 1.0 && height >= 1.0)
            .then_some((width, height))
    }

    /// Width, height and RGBA pixels on white.
    fn draw(&self, page: u32, scale: f32) -> Option<(u32, u32, Vec<u8>)> {
        let (width, height) = self.page_size(page)?;
        let scale = scale.min(MAX_SIDE_PX / width.max(height));
        if width * scale < 1.0 || height * scale < 1.0 {
            return None;
        }
        let pixmap_settings = PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        };
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            let page = self.pdf.pages().get(page as usize)?;
            let cache = RenderCache::new();
            let pixmap = render(
                page,
                &cache,
                &InterpreterSettings::default(),
                &RenderSettings::default(),
                &pixmap_settings,
            );
            Some((
                u32::from(pixmap.width()),
                u32::from(pixmap.height()),
                pixmap.data_as_u8_slice().to_vec(),
            ))
        }));
        drawn.ok().flatten()
    }
}

fn luminance(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((299 * red + 587 * green + 114 * blue) / 1000) as u8
}

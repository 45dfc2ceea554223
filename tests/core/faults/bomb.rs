//! Small bodies that unpack to gigabytes of zeros, written while they are sent.
//!
//! Each format lets a block of zeros be repeated, so that nothing large is ever compressed or held.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, DeflateEncoder};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::coding::Coding;
use super::{Loopback, Server, hold, read_head};

/// The zeros of one block.
pub const BLOCK: usize = 1 << 20;

/// 1 GiB, in blocks.
pub const GIB: u32 = 1 << 10;

/// A server whose every answer is a bomb.
pub struct Bomb {
    loopback: Loopback,
    sent: Arc<AtomicU64>,
}

impl Bomb {
    /// That many [`BLOCK`]s of zeros, at least one, in that coding, as a chunked body.
    pub async fn start(coding: Coding, blocks: u32) -> Self {
        let parts = Arc::new(Parts::new(coding, blocks).await);
        let sent = Arc::new(AtomicU64::new(0));
        let all = Arc::clone(&sent);
        let serve = move |stream| {
            let (parts, all) = (Arc::clone(&parts), Arc::clone(&all));
            async move {
                let _ = serve(stream, coding, &parts, &all).await;
            }
        };
        Self { loopback: Loopback::start(serve).await, sent }
    }

    /// The bytes of bodies that went onto the wire so far, without the chunks' sizes.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

impl Server for Bomb {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve(stream: TcpStream, coding: Coding, parts: &Parts, sent: &AtomicU64) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if read_head(&mut stream).await.is_none() {
        return Ok(());
    }
    let label = coding.label();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {label}\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let again = std::iter::repeat_n(&parts.block, parts.repeats as usize);
    for part in std::iter::once(&parts.first).chain(again).chain([&parts.last]).filter(|part| !part.is_empty()) {
        let chunk = [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
        stream.write_all(&chunk).await?;
        sent.fetch_add(part.len() as u64, Ordering::SeqCst);
    }
    stream.write_all(b"0\r\n\r\n").await?;
    hold(&mut stream).await;
    Ok(())
}

/// A compressed text as its beginning, a block that may be repeated, and its end.
struct Parts {
    first: Vec<u8>,
    block: Vec<u8>,
    repeats: u32,
    last: Vec<u8>,
}

impl Parts {
    async fn new(coding: Coding, blocks: u32) -> Self {
        let len = u64::from(blocks) * BLOCK as u64;
        // The empty last block of a deflate stream with fixed codes.
        let end = [0x03, 0x00];
        match coding {
            Coding::Gzip => {
                let checks = [crc32_of_zeros(len).to_le_bytes(), (len as u32).to_le_bytes()].concat();
                let last = [&end[..], &checks].concat();
                Self {
                    first: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff],
                    block: deflated().await,
                    repeats: blocks,
                    last,
                }
            }
            Coding::Zlib => {
                let adler32 = ((len % 65_521) as u32) << 16 | 1;
                let last = [&end[..], &adler32.to_be_bytes()].concat();
                Self { first: vec![0x78, 0x9c], block: deflated().await, repeats: blocks, last }
            }
            Coding::RawDeflate => {
                Self { first: Vec::new(), block: deflated().await, repeats: blocks, last: end.to_vec() }
            }
            Coding::Brotli => brotli(blocks).await,
            // Magic number; a window of 128 KiB; blocks that say "this byte 128 Ki times" (RFC 8878, 3.1.1.2.2).
            Coding::Zstd => {
                let run = (128_u32 << 10) << 3 | 1 << 1;
                let run = [&run.to_le_bytes()[..3], &[0]].concat();
                let first = [&0xfd2f_b528_u32.to_le_bytes()[..], &[0x00, 7 << 3]].concat();
                // An empty raw block ends it.
                let block = run.repeat(BLOCK / (128 << 10));
                Self { first, block, repeats: blocks, last: vec![1, 0, 0] }
            }
        }
    }
}

/// A block of zeros in deflate that ends on a byte and refers to nothing before it.
async fn deflated() -> Vec<u8> {
    let mut encoder = DeflateEncoder::with_quality(Vec::new(), Level::Best);
    encoder.write_all(&vec![0; BLOCK]).await.unwrap();
    encoder.flush().await.unwrap();
    encoder.into_inner()
}

/// Brotli carries a state from block to block; from the second on it is the same.
async fn brotli(blocks: u32) -> Parts {
    let mut encoder = BrotliEncoder::with_quality(Vec::new(), Level::Precise(1));
    let mut ends = vec![0];
    for _ in 0..3 {
        encoder.write_all(&vec![0; BLOCK]).await.unwrap();
        encoder.flush().await.unwrap();
        ends.push(encoder.get_ref().len());
    }
    let bytes = encoder.into_inner();
    let block = bytes[ends[1]..ends[2]].to_vec();
    assert_eq!(block, bytes[ends[2]..ends[3]], "the block may be repeated");
    Parts { first: bytes[..ends[1]].to_vec(), block, repeats: blocks - 1, last: vec![0x03] }
}

/// The CRC-32 of that many zeros: the register's way over one zero, as a matrix, raised to the power.
fn crc32_of_zeros(len: u64) -> u32 {
    let times = |matrix: &[u32; 32], vector: u32| {
        (0..32).filter(|bit| vector >> bit & 1 == 1).fold(0, |sum, bit| sum ^ matrix[bit])
    };
    // Over one zero bit; three squarings make it a byte.
    let mut matrix = [0u32; 32];
    matrix[0] = 0xedb8_8320;
    (1..32).for_each(|bit| matrix[bit] = 1 << (bit - 1));
    let mut register = u32::MAX;
    for bit in 0..64 {
        if bit >= 3 && (len >> (bit - 3)) & 1 == 1 {
            register = times(&matrix, register);
        }
        matrix = std::array::from_fn(|column| times(&matrix, matrix[column]));
    }
    !register
}

/// A zstd frame of a few bytes that asks for a window of 2 GiB.
pub fn wide_window() -> Vec<u8> {
    [&0xfd2f_b528_u32.to_le_bytes()[..], &[0x00, 21 << 3], &[1, 0, 0]].concat()
}

internal import CDigest

/// SHA-256 (FIPS 180-4), of libmd.
package enum SHA256 {
  /// The 32 bytes of the hash.
  package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe bytes.withUnsafeBytes { input in
      unsafe digest.withUnsafeMutableBufferPointer { output in
        guard let target = output.baseAddress else { return }
        unsafe tbx_sha256(input.baseAddress, input.count, target)
      }
    }
    return digest
  }
}

/// SHA-256 of bytes that come one after the other, as those of a file that does not fit in memory.
@safe package struct RunningSHA256: ~Copyable {
  private let hash: UnsafeMutableRawPointer

  /// The hash of nothing so far.
  package init() {
    guard let begun = unsafe tbx_sha256_begin() else { fatalError("out of memory") }
    unsafe hash = begun
  }

  /// Adds bytes.
  package func add(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe tbx_sha256_add(hash, $0.baseAddress, $0.count) }
  }

  /// The hash of all bytes, hexadecimal.
  package consuming func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe digest.withUnsafeMutableBufferPointer { output in
      guard let target = output.baseAddress else { return }
      unsafe tbx_sha256_end(hash, target)
    }
    discard self
    return SHA256.hexadecimal(digest)
  }

  deinit {
    var unused = [UInt8](repeating: 0, count: 32)
    unsafe tbx_sha256_end(hash, &unused)
  }
}

extension SHA256 {
  /// Bytes as people compare them: two digits each, lowercase.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

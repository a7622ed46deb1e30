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

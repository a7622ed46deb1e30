internal import Glibc

/// Whether bytes are all zero: what a drive that nobody has written to is full of.
public enum ZeroBytes {
  /// The index of the first byte that is not zero; nil where all are.
  package static func firstOther(in bytes: ArraySlice<UInt8>) -> Int? {
    if isZero(bytes) { return nil }
    // memcmp(3) does not say where: the half that differs is looked for.
    var (low, high) = (bytes.startIndex, bytes.endIndex)
    while high - low > 64 {
      let middle = low + (high - low) / 2
      if isZero(bytes[low..<middle]) { low = middle } else { high = middle }
    }
    return bytes[low..<high].firstIndex { $0 != 0 }
  }

  /// Whether all bytes are zero; also of no bytes.
  package static func isZero(_ bytes: ArraySlice<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, unsafe buffer.first != nil else { return true }
      // The first is zero, and each is like the one before it.
      return unsafe buffer[0] == 0 && memcmp(base, base + 1, buffer.count - 1) == 0
    }
  }
}

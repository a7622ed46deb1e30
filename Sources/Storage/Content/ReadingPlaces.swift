/// Which places of a drive are read before it is judged.
///
/// Signatures alone do not prove that a drive is blank: libblkid reports nothing for a GPT with only its backup,
/// for ext4 whose first 64 KiB are overwritten and for raw data. So both ends are read whole and the rest is sampled.
package enum ReadingPlaces {
  /// Bytes that are read whole at either end: every known structure with a fixed place, btrfs's copies aside.
  package static let endBytes = 16 << 20
  /// Samples that are spread evenly over all of the drive.
  package static let evenSamples = 1024
  /// Bytes of a sample.
  package static let sampleBytes = 4096

  /// Bytes behind the head, and before the tail, with samples close to each other: where partitions begin, and what
  /// stands at the end of a device.
  private static let denseBytes = 256 << 20
  /// Bytes from one of those to the next.
  private static let headStep = 256 << 10
  private static let tailStep = 1 << 20

  /// Both ends of a drive, which are one for a small drive.
  package static func ends(size: Int) -> [Range<Int>] {
    guard size > 2 * endBytes else { return size > 0 ? [0..<size] : [] }
    return [0..<endBytes, (size - endBytes)..<size]
  }

  /// Where samples begin, in order. They do not reach into the ends.
  package static func samples(size: Int) -> [Int] {
    let (low, high) = (endBytes, size - endBytes - sampleBytes)
    guard low <= high else { return [] }
    var places: Set<Int> = [low, high]
    for index in 0..<evenSamples {
      // Divided first: a size is no more than 2^63.
      places.insert(low + (high - low) / evenSamples * index)
    }
    for place in stride(from: low, to: min(high, low + denseBytes), by: headStep) {
      places.insert(place)
    }
    for place in stride(from: high, to: max(low, high - denseBytes), by: -tailStep) {
      places.insert(place)
    }
    return places.map { $0 / 512 * 512 }.filter { $0 >= low && $0 <= high }.sorted()
  }

  /// Places outside the ends where file systems keep copies of their superblock, bytes: read to name what is there.
  package static func copies(size: Int) -> [Int] {
    let group = 128 << 20
    // ext4 with blocks of 4 KiB, sparse_super: groups 1, 3, 5, 7 and 9 (ext4(5)). btrfs: 64 MiB and 256 GiB. XFS: the
    // second allocation group, a quarter of the device or 1 TiB (mkfs.xfs, calc_default_ag_geometry).
    let quarter = ((size / 4096) + 3) / 4 * 4096
    let places = [1, 3, 5, 7, 9].map { $0 * group } + [64 << 20, 256 << 30, quarter, 1 << 40]
    return places.filter { $0 >= endBytes && $0 <= size - endBytes - sampleBytes }
  }
}

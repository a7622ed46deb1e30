package import Base

/// What was read of a drive to judge it: signatures, and where there is anything but zeros.
public struct DriveContent: Codable, Hashable, Sendable {
  /// Size as the device itself reports it, bytes.
  public var sizeBytes: Int
  /// Bytes that were read.
  public var readBytes: Int
  /// Samples that were read outside both ends.
  public var samples: Int
  /// The first places where something else than zeros was found, bytes from the start; eight at most.
  public var nonZero: [Int]
  /// Whether all that was read, but for the places of partition tables at both ends, is zero.
  public var isZeroBetweenTables: Bool
  /// What could not be read, in words, with its place; eight at most.
  public var readErrors: [String]
  /// What was found.
  public var signatures: [Signature]
  /// Partitions of a GPT on it.
  public var partitions: [GPTPartition]
  /// The first and last bytes, where partition tables lie. Empty where they could not be read.
  package var tables: Tables

  /// The places of partition tables. They are not encoded: they only serve to recognise a table that was written
  /// in part.
  package struct Tables: Codable, Hashable, Sendable {
    /// From the first byte on.
    package var head: [UInt8] = []
    /// Up to the last byte.
    package var tail: [UInt8] = []

    /// Bytes at either end: 128 entries and the header, for blocks of 4096 bytes too.
    package static let bytes = 24 << 10
  }

  /// Bytes at either end that are written with a table.
  package static let tableBytes = Tables.bytes

  private enum CodingKeys: String, CodingKey {
    case sizeBytes, readBytes, samples, nonZero, isZeroBetweenTables, readErrors, signatures,
      partitions
  }

  /// Content from its JSON.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    sizeBytes = try values.decode(Int.self, forKey: .sizeBytes)
    readBytes = try values.decode(Int.self, forKey: .readBytes)
    samples = try values.decode(Int.self, forKey: .samples)
    nonZero = try values.decode([Int].self, forKey: .nonZero)
    isZeroBetweenTables = try values.decode(Bool.self, forKey: .isZeroBetweenTables)
    readErrors = try values.decode([String].self, forKey: .readErrors)
    signatures = try values.decode([Signature].self, forKey: .signatures)
    partitions = try values.decode([GPTPartition].self, forKey: .partitions)
    tables = Tables()
  }

  private static let most = 8

  /// Reads both ends, samples and the places of copies.
  /// - Parameters:
  ///   - size: of the drive, bytes.
  ///   - read: so many bytes from an offset on; fewer is a failure.
  package init(size: Int, read: (_ offset: Int, _ count: Int) -> Result<[UInt8], Errno>) {
    self.init(
      size: size, ends: ReadingPlaces.ends(size: size), samples: ReadingPlaces.samples(size: size),
      read: read)
  }

  /// With other places than the usual ones, for tests.
  init(
    size: Int, ends: [Range<Int>], samples places: [Int],
    read: (_ offset: Int, _ count: Int) -> Result<[UInt8], Errno>
  ) {
    self.init(size)
    var regions: [DriveBytes.Region] = []
    for end in ends {
      let bytes = whole(end, read) ?? parts(end, read)
      regions.append(DriveBytes.Region(offset: end.lowerBound, bytes: bytes))
    }
    for start in places {
      samples += 1
      guard let bytes = part(start, ReadingPlaces.sampleBytes, read) else { continue }
      note(bytes[...], at: start, isBetween: true)
    }
    for start in ReadingPlaces.copies(size: size) {
      guard let bytes = part(start, ReadingPlaces.sampleBytes, read) else { continue }
      note(bytes[...], at: start, isBetween: true)
      regions.append(DriveBytes.Region(offset: start, bytes: bytes))
    }
    finish(DriveBytes(size: size, regions: regions), ends)
  }

  private init(_ size: Int) {
    sizeBytes = size
    (readBytes, samples, nonZero, isZeroBetweenTables) = (0, 0, [], true)
    (readErrors, signatures, partitions, tables) = ([], [], [], Tables())
  }

  /// All of a range at once; nil where a part of it cannot be read.
  private mutating func whole(
    _ range: Range<Int>, _ read: (Int, Int) -> Result<[UInt8], Errno>
  ) -> [UInt8]? {
    guard case .success(let bytes) = read(range.lowerBound, range.count), bytes.count == range.count
    else { return nil }
    readBytes += bytes.count
    return bytes
  }

  /// A range in parts: one block that cannot be read does not hide the others.
  private mutating func parts(
    _ range: Range<Int>, _ read: (Int, Int) -> Result<[UInt8], Errno>
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
      let count = min(1 << 20, range.upperBound - start)
      bytes += part(start, count, read) ?? [UInt8](repeating: 0, count: count)
    }
    return bytes
  }

  private mutating func part(
    _ start: Int, _ count: Int, _ read: (Int, Int) -> Result<[UInt8], Errno>
  ) -> [UInt8]? {
    switch read(start, count) {
    case .success(let bytes):
      readBytes += bytes.count
      if bytes.count == count { return bytes }
      noteError(start, "it ends before the size that it reports")
    case .failure(let error): noteError(start, error.plainly)
    }
    return nil
  }

  private mutating func noteError(_ place: Int, _ reason: String) {
    isZeroBetweenTables = false
    if readErrors.count < DriveContent.most {
      readErrors.append("at \(Units.capacity(place)) (byte \(place)): \(reason)")
    }
  }

  private mutating func note(_ bytes: ArraySlice<UInt8>, at start: Int, isBetween: Bool) {
    guard let first = ZeroBytes.firstOther(in: bytes) else { return }
    if isBetween { isZeroBetweenTables = false }
    nonZero.append(start + first - bytes.startIndex)
  }

  private mutating func finish(_ drive: DriveBytes, _ ends: [Range<Int>]) {
    for end in ends {
      // What lies between the tables is judged by itself.
      let low = min(max(end.lowerBound, Tables.bytes), end.upperBound)
      let high = max(low, min(end.upperBound, drive.size - Tables.bytes))
      let cuts = [end.lowerBound, low, high, end.upperBound]
      for (index, (from, to)) in zip(cuts, cuts.dropFirst()).enumerated() where from < to {
        if let part = drive.bytes(at: from, count: to - from) {
          note(part, at: from, isBetween: index == 1)
        }
      }
    }
    nonZero = Array(Set(nonZero).sorted().prefix(DriveContent.most))
    if drive.size >= 2 * Tables.bytes, readErrors.isEmpty {
      tables.head = drive.bytes(at: 0, count: Tables.bytes).map(Array.init) ?? []
      tables.tail =
        drive.bytes(at: drive.size - Tables.bytes, count: Tables.bytes).map(Array.init) ?? []
    }
    let found = SignatureScanner.scan(drive)
    signatures = found.signatures
    partitions = found.partitions
  }
}

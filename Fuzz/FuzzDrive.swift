import Base
import Inventory
import Storage

/// The content of drives, and what wipefs and blkid print about them.
enum FuzzDrive {
  /// A drive of 8 MiB with the table of tinybox: its size in MiB less one, blocks of 512 bytes more, then the bytes
  /// that lie at both ends.
  static let table: [UInt8] = {
    let planned =
      "{\"serial\": \"\", \"diskUUID\": \"00112233-4455-4677-8899-aabbccddeeff\", \"partitionUUID\":"
      + " \"10112233-4455-4677-8899-aabbccddeeff\", \"partitionBytes\": 6291456}"
    guard
      let drive = try? JSON.decode(StorageIntent.Drive.self, from: Array(planned.utf8)),
      let table = GPTTable(drive, driveBytes: 8 << 20, blockBytes: 512)
    else { fatalError("the table does not fit") }
    return [7, 0] + table.head(1152)
  }()

  static let wipefs =
    "{\"signatures\": [{\"device\": \"a\", \"offset\": \"0x438\", \"type\": \"ext4\", \"uuid\": null}]}"
  static let blkid = "DEVNAME=/dev/a\nUUID=1\nTYPE=ext4\nPTTYPE=gpt\n"

  /// Whatever lies on a drive, everything that is found lies on it too.
  static func scan(_ input: [UInt8]) {
    guard input.count >= 2 else { return }
    let size = (Int(input[0]) + 1) << 20 + Int(input[1]) * 512
    let bytes = Array(input.dropFirst(2))
    let found = SignatureScanner.scan(
      DriveBytes(
        size: size,
        regions: [
          .init(offset: 0, bytes: bytes), .init(offset: size - bytes.count, bytes: bytes),
        ]))
    for signature in found.signatures {
      precondition(signature.offset >= 0 && signature.offset < size)
    }
    for partition in found.partitions {
      precondition(partition.startBytes >= 0 && partition.sizeBytes > 0)
      precondition(partition.sizeBytes <= size - partition.startBytes)
    }
    // The same bytes through all that is decided: nothing that is not zero is blank.
    var drive = DriveReading(name: "a", exclusive: .held)
    drive.serial = "S1"
    drive.isSystem = false
    drive.opinions = [ToolOpinion("wipefs", signatures: []), ToolOpinion("blkid", signatures: [])]
    drive.content = DriveContent(size: bytes.count) { offset, count in
      .success(Array(bytes[offset..<(offset + count)]))
    }
    let judgement = DriveJudge.judge([drive], intent: nil)[0]
    precondition(judgement.state != .blank || ZeroBytes.isZero(bytes[...]))
  }

  static func opinion(_ bytes: [UInt8]) {
    for status in [Int32(0), 2, 8] {
      for opinion in [
        ToolOpinion.wipefs(status: status, output: bytes),
        ToolOpinion.blkid(status: status, output: bytes),
      ] {
        precondition((opinion.signatures == nil) != (opinion.failure == nil))
      }
    }
  }
}

import Glibc

/// libFuzzer calls this with each input: the first byte picks the target, the rest is its input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let input = Array(UnsafeBufferPointer(start: data, count: size))
  guard let first = input.first else { return 0 }
  // Inputs beyond the last target are no news to libFuzzer: they reach nothing.
  if Int(first) < targets.count { targets[Int(first)].run(Array(input.dropFirst())) }
  return 0
}

/// libFuzzer calls this once, before it reads its corpus: a folder named by TINYBOX_FUZZ_SEEDS
/// gets one valid input for each target, as a start that noise would take years to find.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(
  _ count: UnsafeMutablePointer<Int32>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> Int32 {
  guard let folder = getenv("TINYBOX_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (index, target) in targets.enumerated() {
    guard let file = fopen("\(folder)/\(index)", "w") else { exit(1) }
    fputc(Int32(index), file)
    _ = target.seed.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
  }
  return 0
}

/// A parser and an input that it understands.
struct Target: Sendable {
  var run: @Sendable ([UInt8]) -> Void
  var seed: [UInt8]

  init(seed: [UInt8], _ run: @escaping @Sendable ([UInt8]) -> Void) {
    self.run = run
    self.seed = seed
  }

  init(_ seed: String, _ run: @escaping @Sendable ([UInt8]) -> Void) {
    self.init(seed: Array(seed.utf8), run)
  }
}

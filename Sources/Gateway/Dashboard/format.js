// Values as people read them. What is not known is the word "unknown", never a zero.

export const unknown = "unknown";

export const isKnown = (value) => value !== undefined && value !== null;

/** Bytes in binary units, as `tinyboxctl` shows them. */
export function bytes(value) {
  if (!isKnown(value)) return unknown;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${units[unit]}`;
}

export function percent(share) {
  if (!isKnown(share)) return unknown;
  const value = share * 100;
  // A little is not nothing, and almost all is not all.
  if (value > 0 && value < 1) return "< 1 %";
  if (value > 99 && value < 100) return "> 99 %";
  return `${Math.round(value)} %`;
}

/** A change with its sign; a tenth below ten percent. */
export function signedPercent(share) {
  if (!isKnown(share)) return unknown;
  const size = Math.abs(share * 100);
  const text = size < 10 ? size.toFixed(1) : `${Math.round(size)}`;
  if (Number(text) === 0) return "0 %";
  return `${share < 0 ? "−" : "+"}${text} %`;
}

/** A figure of a benchmark, three digits: `31.5 GB/s`, `98.2 ns`. Rates in powers of ten. */
export function figure(value, unit) {
  if (!isKnown(value)) return unknown;
  const [names, ending] = unit === "seconds"
    ? [[[1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]], "s"]
    : [
      [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]],
      unit === "bytesPerSecond" ? "B/s" : "/s",
    ];
  const [size, name] = names.find(([least]) => Math.abs(value) >= least) ?? names.at(-1);
  return `${Number((value / size).toPrecision(3))} ${name}${ending}`;
}

export const celsius = (value) => (isKnown(value) ? `${Math.round(value)} °C` : unknown);

export const watts = (value) => (isKnown(value) ? `${Math.round(value)} W` : unknown);

export function bitRate(value) {
  if (!isKnown(value)) return unknown;
  return value >= 1e9 ? `${value / 1e9} Gb/s` : `${value / 1e6} Mb/s`;
}

export function duration(seconds) {
  if (!isKnown(seconds)) return unknown;
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

/** How long ago, in words. */
export const age = (seconds) => (seconds < 60 ? `${Math.round(seconds)} s` : duration(seconds));

/** A reason and what to do next as sentences, whatever they end with. */
export const sentence = (...parts) =>
  parts.filter(Boolean).map((part) => part.trim().replace(/\.$/, ""))
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}.`).join(" ");

/** A large number in few characters. */
export function count(value) {
  if (!isKnown(value)) return unknown;
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)} k`;
  return `${Math.round(value)}`;
}

export const plural = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** The time of the day here; with the day when it is not today. */
export function clock(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  if (time.toDateString() !== new Date().toDateString()) {
    options.day = "numeric";
    options.month = "short";
  }
  return time.toLocaleString("en-GB", options);
}

/** A PCI address without the domain that almost all have. */
export const shortAddress = (address) => (address ?? "").replace(/^0000:/, "");

/** The sign and the word of a verdict or a severity. */
export const verdicts = {
  pass: { mark: "✓", word: "Pass", line: "All is well" },
  notApplicable: { mark: "–", word: "Does not apply", line: "No check applies" },
  unknown: { mark: "?", word: "Unknown", line: "Some checks unknown" },
  warn: { mark: "!", word: "Warning", line: "Needs attention" },
  fail: { mark: "✕", word: "Failed", line: "Something is broken" },
};
export const severities = {
  info: { mark: "i", word: "Info", rank: 0, verdict: "info" },
  notice: { mark: "•", word: "Notice", rank: 1, verdict: "info" },
  warning: { mark: "!", word: "Warning", rank: 2, verdict: "warn" },
  error: { mark: "✕", word: "Error", rank: 3, verdict: "fail" },
};

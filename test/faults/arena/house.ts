import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Names that exist only inside the house. */
export const trustarHost = "trustar.test";
export const brokerHost = "broker.test";

const addresses = "127.0.0.1 localhost\n";
const allNames = `${addresses}127.0.0.1 ${trustarHost} ${brokerHost}\n`;
/** Both: systemd's name service knows root without any file. */
const nobodyKnown = ["passwd", "nsswitch.conf"].map((name) => `mount --bind /dev/null /etc/${name}`);
const diskBytes = 8 * 1024 * 1024;

/**
 * A mount namespace for the program: a small disk of its own for what it keeps, and an /etc/hosts of its own, so that
 * a full disk and a dead DNS are real and hurt nobody else. Needs root, or a kernel that lets users have namespaces.
 */
export interface House {
  /** Runs a command inside: goes in front of it. */
  readonly through: readonly string[];
  /** The small disk as the program sees it. */
  readonly disk: string;
  /** A file of the small disk as we see it. */
  file(name: string): string;
  /** Whether the names of the servers can be resolved. */
  resolveNames(resolves: boolean): Promise<void>;
  fillDisk(): Promise<void>;
  emptyDisk(): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Nothing but the small disk can be written, and no user has a name or a home, as in many a container. */
  readonly readOnly?: boolean;
}

export async function openHouse(folder: string, { readOnly = false }: HouseOptions = {}): Promise<House> {
  const [disk, hosts] = [join(folder, "disk"), join(folder, "hosts")];
  await mkdir(disk);
  await writeFile(hosts, allNames);
  const asRoot = process.getuid?.() === 0;
  const script = [
    'mount -t tmpfs -o "size=$3,mode=0700" tmpfs "$1"',
    'mount --bind "$2" /etc/hosts',
    ...(readOnly ? [...nobodyKnown, "mount -o remount,bind,ro /"] : []),
    "echo ready",
    "exec cat",
  ].join(" && ");
  // It ends with us, however we end: then nobody holds its input open any more.
  const holder = spawn(
    "unshare",
    [
      ...(asRoot ? [] : ["--map-root-user"]),
      "--mount",
      "sh",
      "-c",
      script,
      "sh",
      disk,
      hosts,
      String(diskBytes),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(holder, "exit").then(() => {
    throw new Error("there is no mount namespace to be had: run as root, or allow user namespaces");
  });
  await Promise.race([once(holder.stdout, "data"), ended]);
  ended.catch(() => undefined);
  const pid = String(holder.pid);
  const file = (name: string): string => `/proc/${pid}/root${join(disk, name)}`;
  return {
    through: ["nsenter", "--target", pid, ...(asRoot ? [] : ["--user", "--preserve-credentials"]), "--mount"],
    disk,
    file,
    resolveNames: (resolves) => writeFile(hosts, resolves ? allNames : addresses),
    fillDisk: async () => {
      await writeFile(file("filler"), Buffer.alloc(diskBytes)).catch((error: unknown) => {
        if ((Object(error) as { code?: unknown }).code !== "ENOSPC") throw error;
      });
    },
    emptyDisk: () => rm(file("filler"), { force: true }),
    close: async () => {
      const gone = once(holder, "close");
      holder.stdin.end();
      await gone;
    },
  };
}

/** Every bound of the system with its reason. Units last in the name. */
export const limits = {
  /** The longest real invoice known has 1,114 lines; 2,000 lines of 120 bytes stay below the entry's limit. */
  linesPerDocument: 2_000,
  /** Descriptions are cut by no one: longer is refused at the border. */
  descriptionCharacters: 200,
  skuCharacters: 40,
  /** Amounts stay exact as JavaScript integers with three orders of magnitude to spare for sums. */
  amountMinor: 1_000_000_000_000,
  quantityMilli: 1_000_000_000_000,
  /** In one line of a cart at a till: four digits, so that a barcode typed as a quantity is none. Imports have more. */
  cartLineMilli: 9_999_000,
  unitPriceE4: 1_000_000_000_000,
  /** One journal entry. 2,000 lines fit. */
  entryBytes: 512 * 1024,
  /** A document's body: an entry less its envelope, of which 512 journals seen are 26 KB. */
  bodyBytes: 448 * 1024,
  /** Entries in a segment: a receiver's event loop is blocked ~0.2 s by the first sync of 1,000 (1 s by 4,000). */
  entriesPerSegment: 1_000,
  /** Changes of one segment that wait for what they follow, of one sender: live sales that overtake a catch-up. */
  orphanBytes: 16 * 1024 * 1024,
  /** How deep JSON from outside may nest: ours nests 5 deep. */
  jsonDepth: 16,
  /** Journals that one entry may say it saw: tills of a store times their lives, with room. */
  sawJournals: 512,
  /** A frame on a link: a whole segment of large entries never travels in one. */
  frameBytes: 16 * 1024 * 1024,
  /** One change of a document that is not a journal. */
  changeBytes: 1024 * 1024,
  /** Changes in one sync message: a first sync of a catalogue shard with years of releases stays below. */
  changesPerMessage: 20_000,
  /** Operations in one change: a catalogue release touches at most this many products per shard. */
  changeOperations: 20_000,
  /** Frames a second and link, as a token bucket of twice that: a first sync of 1,000 documents is ~4,000. */
  framesPerSecond: 2_000,
  /** Messages of one document and link within a second before the link is begun anew: a storm is 1,000 and more. */
  documentMessagesPerSecond: 400,
  bufferedBytes: 64 * 1024 * 1024,
  /** The hybrid clock takes over foreign values up to this far ahead of the own wall clock. */
  clockAheadMs: 5 * 60_000,
  /** RELIABILITY N5: the own wall clock that jumps by more than this leaves an entry and a flag. */
  clockStepMs: 5 * 60_000,
  /** How often it is looked at beside each entry, and what it may gain or lose meanwhile: a bad crystal does 100 ppm. */
  clockLookMs: 30_000,
  clockDrift: 0.001,
  /** Of a clock that swings, one step is told in this time. */
  clockStepEveryMs: 10 * 60_000,
  /** Refusals of one operator and permission: one entry, the next after this pause, which doubles up to the most. */
  refusalPauseMs: 60_000,
  refusalPauseMostMs: 60 * 60_000,
  /** Documents of one process that are not printed yet: later printouts of older ones are copies. */
  unprintedKept: 2_000,
  /** Clocks closer than this cannot order a count and a sale that had not seen each other. */
  clockDoubtMs: 30_000,
  /** A clock that is off by this much is warned of; it is right again below the second one, so that none flickers at the edge. */
  clockDriftMs: 30_000,
  clockSettledMs: 20_000,
  /** A clock that is off is told of once more when it has moved this far, or by half of what was said: a runaway is few entries. */
  clockChangedMs: 60_000,
  /** Words on a clock whose median counts, and from how many on: one late frame says nothing of a clock. A second apart, or a burst were all of them. */
  clockSamples: 5,
  clockSamplesLeast: 3,
  clockSampleEveryMs: 1_000,
  /** Entries on one terminal's clock at once, and then one in each such time: a clock that is swung must not fill a journal. */
  clockWords: 4,
  clockWordEveryMs: 10 * 60_000,
  /** Kept free so that a full disk is known before a change is made. */
  reserveBytes: 16 * 1024 * 1024,
  /** Changes of documents that a full disk keeps in memory; beyond it the process stops before the memory does. */
  unsavedBytes: 64 * 1024 * 1024,
  /** Sequence numbers reserved in the witness at a time. */
  witnessBlock: 256,
  joinCodeMinutes: 60,
  joinCodeTries: 5,
  /** Enrolment requests a minute, of one address and of all: a person types, a shop opens ten tills at once. */
  joinRequestsPerMinute: 10,
  joinRequestsPerMinuteAll: 60,
  /** An enrolment request or answer: up to four certificates of 400 bytes and a few names. */
  joinBodyBytes: 16 * 1024,
  /** One enrolment from connection to answer, with a slow line in between. */
  joinDeadlineMs: 15_000,
  /** Other lives of a terminal that one closing counts: a till that begins more of them in a day has another problem. */
  livesPerClosing: 64,
  /** A new till tries its code at so many tills of the shop network, one after the other: anybody can announce many. */
  setupPlaces: 8,
  /** A clock that is off by more is said while a person is there to set it; drift while tills run has a bound of its own. */
  setupClockOffMs: 2 * 60_000,
  /** Addresses of relays that an enrolled till is told. */
  relayAddresses: 16,
  /** One certificate in DER: ours have about 400 bytes. */
  certificateBytes: 2_048,
  /** Certificates of a chain below the root: incarnation, terminal, a till that enrolled it, the company's issuing key. */
  chainCertificates: 4,
  /** Terminals that one till may be let enrol at a time: a large shop's, and no more for whoever steals that till. */
  terminalsPerRange: 100,
  /** Verified chains kept in memory, ~2 KB each: tills of a store times their lives, with room. */
  chainsRemembered: 1_024,
  /** One signed record (roster, status, release, notice, inventory period): a period of the largest single entry fits. */
  recordBytes: 704 * 1024,
  /** HTTP bodies of the register's own API. */
  httpBodyBytes: 2 * 1024 * 1024,
  /** A page of products or documents in one answer of the API. */
  pageRows: 500,
  /** Releases that head office's page lists, the newest first: each tells what it changed in up to 129 documents. */
  releasesShown: 20,
  /** Documents that a search by till, day or amount looks through, the newest first: 60 days of a busy shop, 60 ms. */
  documentsSearched: 20_000,
  /** Connections to the screens and the API, in all and of one address: a browser opens six, a proxy some dozens. */
  httpSockets: 512,
  httpSocketsPerAddress: 96,
  /** From the first byte of a connection to the end of a request's headers. */
  httpHeadersMs: 10_000,
  /** Open event streams of one process, of those who are signed in and of the others: a till has one screen, a support person a few. */
  eventStreams: 64,
  /** Events kept for a client that was away for a moment; one that missed more gets the whole picture. */
  eventsKept: 256,
  /** Events of the mesh that a register shows: a day of a shop whose line comes and goes. */
  meshEventsKept: 200,
  /** Of each kind of what a till has found wrong with its own files and nobody has looked at: whoever edits more is not told file by file. */
  findingsKeptOfKind: 50,
  /** Of them, and of those that somebody has looked at, on head office's page of a terminal; the journal has all. */
  findingsShown: 50,
  /** A path on Linux; a finding is named by where it is. */
  pathCharacters: 4_096,
  /** A step of a self-test that takes longer hangs; name, port and TLS of a dead relay take 5 s each at most. */
  selfTestStepMs: 12_000,
  /** Alarms that screens show: beyond this many a shop has one trouble, and that is said. */
  alarms: 50,
  /** Flags of one kind among which its alarms are looked for: a liar raises as many as he likes, and each is read. */
  flagsLooked: 5_000,
  /** A screen is told of changes at most this often: twenty sales a second would be twenty pictures. */
  statusEveryMs: 250,
  /** Imported files (CSV), unpacked and all together: the whole year that is known has 46 MB. */
  importBytes: 256 * 1024 * 1024,
  importRows: 2_000_000,
  /** One row of an imported file: 8 fields of 200 characters in UTF-8 fit. */
  importRowBytes: 8 * 1024,
  /** Sentences about a bad file before reading stops: enough to mend it, not a flood. */
  importProblems: 20,
  /** How deep a frame may nest: presence, the deepest of ours, nests 4. */
  frameDepth: 8,
  /** Values in a frame: presence with all its tips, twice over, has 70,000. */
  frameItems: 100_000,
  /** Tips in one presence or copies message: every life of every till of a store, many times over. */
  tipsPerMessage: 4_096,
  /** Questions for a journal's entries that one peer may ask: a week of a till is ten segments. */
  wantsPerSecond: 50,
  /** Journals that a peer may say differ without having proved it yet: two or three segments of each are in memory. */
  openClaims: 4,
  /** Segments that may be missing between two others: each was damaged once. A file beyond is none of ours. */
  segmentsMissing: 100,
  /** Notices as the last word to a revoked till, each time it dials: a revocation is 2 KB, and a till may dial without end. */
  noticesToldBytes: 128 * 1024,
  /** Changes in one outbound sync message: two of the largest entries, and far below a frame. */
  syncPartBytes: 2 * 1024 * 1024,
  /** Raw changes in one push: a whole segment at catch-up. */
  changesPerPush: 1_000,
  /** Frames above the rate that wait for their turn; beyond this the link is begun anew. */
  heldFrames: 8_192,
  /** Links still greeting: in all, and of one principal. */
  greetingLinks: 64,
  greetingLinksPerPeer: 4,
  /** Links of all lives of one terminal: a copied till and its copies, each linking anew. */
  linksPerTerminal: 8,
  /** Connections that are not yet a link or a request: in all, and of one address (a shop behind one NAT reconnecting). */
  halfOpenSockets: 128,
  halfOpenSocketsPerAddress: 32,
  /** Tills found on the LAN that are remembered as places to dial. */
  foundTills: 256,
  /** Wrong PINs before a delay begins (RELIABILITY X1), and before the operator is locked (PCI DSS 8.3.4: at most 10). */
  pinFreeTries: 5,
  pinTries: 10,
  /** The first delay; each further wrong PIN doubles it: 5, 10, 20, 40, 80 s. */
  pinDelayMs: 5_000,
  /** PCI DSS 8.3.4: at least 30 minutes. */
  pinLockMs: 30 * 60_000,
  /** The same for the last one at a till who could lift a lock: 288 guesses a day, where others have 221. */
  pinLastWaitMs: 5 * 60_000,
  /** Operators whose wrong PINs are counted one by one, ~100 bytes each on disk; all others share one count. */
  pinCounts: 256,
  /** PINs that wait to be checked, ~25 ms and 19 MB each, one at a time: a person types one. */
  pinsWaiting: 8,
  /** Hashes that one PIN is checked against at head office: of a manager of many stores, each store has one. */
  pinHashesOfOne: 8,
  /** A screen of head office waits for the archive no longer than this, then shows what the relay has by itself. */
  archiveAnswerMs: 4_000,
  /** Sessions of one till's screens: a till has one screen, a support person a few. */
  sessions: 64,
  /** Of one operator: a till, a telephone, a tablet, and what was left signed in elsewhere. */
  sessionsPerOperator: 8,
  /** A telephone is put down in more places than a till; a store may set another time. */
  lanIdleMs: 10 * 60_000,
  /** What a browser calls itself, in the list of sessions. */
  agentCharacters: 256,
  /** Connections of a till's screens on the LAN: in all, and of one address. A browser opens six and an event stream. */
  lanSockets: 256,
  lanSocketsPerAddress: 48,
  /** ASVS 7.3: a till that nobody touches locks itself; a shift is shorter than this. */
  sessionIdleMs: 15 * 60_000,
  sessionMs: 16 * 3_600_000,
  /** A screen's request, commands with up to 2,000 lines excepted. */
  screenBodyBytes: 16 * 1024,
  /** One change of a desk: an actor’s first has a chain of certificates (up to 2.4 KB), any a few lines of a cart with the longest texts. */
  deskChangeBytes: 8 * 1024,
  /** A day's desk as peers may fill it, ~0.4 KB a change: 40,000 scans of a store, which load in some seconds. Own changes go on. */
  deskBytes: 16 * 1024 * 1024,
  /** Of one terminal, and as much again that waits: 10,000 scans a day. What one fills takes no room from the others. */
  deskTerminalBytes: 4 * 1024 * 1024,
  /** The same over all days that are open at once, ~150 MB of memory: nine days could else be filled. */
  deskTerminalBytesOpen: 12 * 1024 * 1024,
  /** Days of the own clock whose desks are admitted: a parked cart of the week, and zones and clocks that are ahead. */
  deskDaysBack: 7,
  deskDaysAhead: 1,
  /** Lines of one cart with those removed and those that were added to another: four times what can be paid. */
  cartRecords: 8_000,
} as const;

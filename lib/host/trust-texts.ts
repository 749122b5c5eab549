/** The words of the page on trust, which a telephone reads before it can read any other. English; a second language is a second table. */
export const trustTexts = {
  language: 'en',
  title: 'Open this till on your phone or tablet',
  lead: (till: string) =>
    `This page is of till ${till}. Its other pages are encrypted, with a certificate that your shop's head office has made. Your phone has to be told once that it may trust it.`,
  check: {
    heading: '1. Compare',
    text: 'On the till itself, open the menu of the operator, then “Phones and tablets”. It shows this fingerprint. If a single group differs, stop: somebody on this network is between you and the till.',
    name: 'Fingerprint (SHA-256)',
  },
  install: {
    heading: '2. Download and trust the certificate',
    apple: 'Download for iPhone, iPad, Mac',
    others: 'Download for Android, Windows, Firefox',
  },
  systems: [
    {
      name: 'iPhone and iPad',
      steps: [
        'Download with Safari and allow it.',
        'Settings → Profile Downloaded (or General → VPN & Device Management) → Install.',
        'Settings → General → About → Certificate Trust Settings: switch on “Tillmesh screens”. Without this step Safari goes on warning.',
      ],
    },
    {
      name: 'Android',
      steps: [
        'Download the certificate.',
        'Settings → Security & privacy → More security settings → Install from device storage → CA certificate → Install anyway, and choose the file. (Names differ a little between makers: search the settings for “CA certificate”.)',
        'Android then says that the network may be monitored. That warning is for any such certificate; what this one can do is said below.',
      ],
    },
    {
      name: 'Windows (Chrome, Edge)',
      steps: [
        'Open the downloaded file → Install Certificate → Current User.',
        'Place all certificates in the following store → Trusted Root Certification Authorities → Finish.',
      ],
    },
    {
      name: 'Mac (Safari, Chrome)',
      steps: [
        'Open the downloaded profile, then System Settings → General → Device Management → Install.',
        'In Keychain Access, open “Tillmesh screens” → Trust → When using this certificate: Always Trust.',
      ],
    },
    {
      name: 'Firefox (any system)',
      steps: [
        'On Windows, Mac and Android Firefox takes what the system trusts. Where it does not: Settings → Privacy & Security → View Certificates → Authorities → Import, and tick “identify websites”.',
      ],
    },
  ],
  open: {
    heading: '3. Open the till',
    link: (address: string) => `Open ${address}`,
    text: 'If your browser warns, the certificate is not trusted yet: do not go past the warning, and do step 2 again.',
  },
  bounds: {
    heading: 'What you allow with it',
    text: 'The certificate is bound to names and addresses of shop networks: 10.…, 172.16–31.…, 192.168.…, names that end in .local, .lan, .home.arpa or .internal. A browser that honours this takes it for no site of the internet. Remove it where you have installed it when you leave the shop.',
  },
  notReady:
    'This till has no certificate for its pages yet: head office gives it one as soon as the two are linked. Load this page again in a minute.',
  notFound: 'There is nothing at this address.\n',
} as const;

// The DMP's page: what it holds, for a person who follows the demo. Plain HTML, no script; wide tables scroll in their own frame, so that
// the page itself never does (WCAG 1.4.10).
import { type XmlFragment, xml } from '../documents/xml.ts';
import type { HeldDocument } from './holdings.ts';

const words: Readonly<Record<string, string>> = {
  N: 'Normale',
  MASQUE_PS: 'Masqué aux professionnels',
  INVISIBLE_PATIENT: 'Non visible par le patient',
  INVISIBLE_REPRESENTANTS_LEGAUX: 'Non visible par les représentants légaux',
};

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
.frame { overflow-x: auto; }
.frame:focus-visible { outline: 3px solid; outline-offset: 2px; }
table { border-collapse: collapse; min-width: 54rem; width: 100%; }
caption { font-weight: 600; padding: 0.5rem 0; text-align: start; }
th, td { border-bottom: 1px solid; padding: 0.5rem; text-align: start; vertical-align: top; }
td.identifiant { overflow-wrap: anywhere; }
td.entier, td.nombre { white-space: nowrap; }
td.nombre { text-align: end; }
`;

/** The page, whole. */
export function renderPage(documents: readonly HeldDocument[]): string {
  return xml`<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>DMP de démonstration</title>
<style>${{ xml: style }}</style>
</head>
<body>
<main>
<h1>DMP de démonstration</h1>
<p>Ce serveur tient lieu de dossier médical partagé. Toutes les personnes citées sont fictives.</p>
${documents.length === 0 ? xml`<p>Aucun document n’a encore été déposé.</p>` : renderTable(documents)}
</main>
</body>
</html>
`.xml;
}

/** What the page may load: nothing but its own style. */
export const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function renderTable(documents: readonly HeldDocument[]): XmlFragment {
  const count = documents.length === 1 ? '1 document déposé' : `${documents.length} documents déposés`;
  return xml`<div class="frame" role="region" aria-labelledby="legende" tabindex="0">
<table>
<caption id="legende">${count}</caption>
<thead><tr><th scope="col">Document</th><th scope="col">Patient (INS)</th><th scope="col">État</th><th scope="col">Visibilité</th><th scope="col">Taille</th><th scope="col">Identifiant</th></tr></thead>
<tbody>
${documents.map(renderRow)}
</tbody>
</table>
</div>`;
}

function renderRow(document: HeldDocument): XmlFragment {
  const visibility = document.confidentiality.map((code) => words[code] ?? code).join(', ');
  const state = document.status === 'approved' ? 'En vigueur' : 'Remplacé';
  const size = `${new Intl.NumberFormat('fr-FR').format(Math.ceil(document.sizeBytes / 1024))} Ko`;
  return xml`<tr><th scope="row">${document.title}</th><td class="entier">${document.matricule}</td><td>${state}</td><td>${visibility}</td><td class="nombre">${size}</td><td class="identifiant">${document.uniqueId}</td></tr>`;
}

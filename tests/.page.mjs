import { chromium } from 'playwright-core';
const [url,out,w='1366',h='1800']=process.argv.slice(2);
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu','--no-first-run','--disable-background-networking','--allow-file-access-from-files']});
const p=await b.newPage({viewport:{width:+w,height:+h}});await p.goto(url);await p.waitForTimeout(500);await p.screenshot({path:out});await b.close();
